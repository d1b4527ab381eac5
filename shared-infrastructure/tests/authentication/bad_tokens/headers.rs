//! Headers that would have the service verify something else, or in another way.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::{Bad, Forge, bad};
use crate::{issuer::Issuer, keys::encoded, token::Token};

pub(super) fn all(forge: &Forge, issuer: &Issuer) -> Vec<Bad> {
    let mut all = vec![];
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let unsigned = forge.good().header("alg", none);
        all.push(bad(format!("unsigned, alg {none:?}"), format!("{}.", unsigned.message())));
        all.push(forge.signed(&format!("signed, alg {none:?}"), unsigned));
    }
    for (algorithm, kind) in
        [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
    {
        for pair in [&forge.rsa, &forge.ec, &forge.ed] {
            let what = format!("{algorithm} with the public key {}", pair.id);
            all.push(bad(what, keyed(Token::good(&forge.issuer, pair), algorithm, kind, &pair.public())));
            let what = format!("{algorithm} with the published entry {}", pair.id);
            let entry = pair.jwk().to_string();
            all.push(bad(what, keyed(Token::good(&forge.issuer, pair), algorithm, kind, entry.as_bytes())));
        }
        all.push(bad(format!("{algorithm} without a secret"), keyed(forge.good(), algorithm, kind, b"")));
    }
    for algorithm in
        ["RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA", "rs256", "RS256 "]
    {
        all.push(
            forge
                .signed(&format!("alg {algorithm:?} with an RSA key"), forge.good().header("alg", algorithm)),
        );
    }
    for (key, algorithm) in
        [(&forge.ec, "RS256"), (&forge.ec, "EdDSA"), (&forge.ed, "ES256"), (&forge.ed, "RS256")]
    {
        let token = Token::good(&forge.issuer, key).header("alg", algorithm);
        all.push(bad(format!("alg {algorithm} with the key {}", key.id), token.signed(key)));
    }
    for (what, value) in [("null", Value::Null), ("a number", json!(256)), ("a list", json!(["RS256"]))] {
        all.push(forge.signed(&format!("alg is {what}"), forge.good().header("alg", value.clone())));
        all.push(forge.signed(&format!("kid is {what}"), forge.good().header("kid", value)));
    }
    all.push(forge.signed("without alg", forge.good().without_header("alg")));
    all.push(forge.signed("without kid", forge.good().without_header("kid")));
    for id in
        ["", " ", "rsa ", "RSA", "unknown", "../../keys", "' OR ''='", "rsa\u{0}", "http://127.0.0.1/keys"]
    {
        all.push(forge.signed(&format!("kid {id:?}"), forge.good().header("kid", id)));
    }
    all.push(forge.signed("kid of another kind of key", forge.good().header("kid", "ec")));
    all.push(bad(
        "signed with a key for encryption",
        Token::good(&forge.issuer, &forge.encryption).signed(&forge.encryption),
    ));
    all.extend(foreign_keys(forge, issuer));
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!([])),
        ("crit", json!("exp")),
        ("typ", json!("logout+jwt")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("secevent+jwt")),
        ("typ", json!("")),
        ("typ", json!(7)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        all.push(forge.signed(&format!("{name} {value}"), forge.good().header(name, value.clone())));
    }
    all
}

/// Tokens that bring the key along that they were signed with, or say where it is.
fn foreign_keys(forge: &Forge, issuer: &Issuer) -> Vec<Bad> {
    let url = format!("http://{}/elsewhere", issuer.address);
    let key = forge.foreign_rsa.jwk();
    let mut all = vec![];
    for id in ["rsa", "unknown"] {
        for (name, value) in [
            ("jku", json!(url)),
            ("x5u", json!(url)),
            ("jwk", key.clone()),
            ("x5c", json!([encoded(forge.foreign_rsa.public())])),
            ("jwks", json!({"keys": [key]})),
        ] {
            let token = forge.good().header("kid", id).header(name, value);
            all.push(bad(format!("a foreign key by {name}, kid {id}"), token.signed(&forge.foreign_rsa)));
        }
    }
    all
}

fn keyed(token: Token, name: &str, algorithm: hmac::Algorithm, secret: &[u8]) -> String {
    let message = token.header("alg", name).message();
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
    format!("{message}.{}", encoded(tag))
}
