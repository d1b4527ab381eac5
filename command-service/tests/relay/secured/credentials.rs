//! An operator of NATS, an account of theirs, and a user with a credentials file.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use serde_json::{Value, json};

/// Settings of a server that believes the operator, and the credentials of a user of its account.
pub(crate) fn operator_and_user() -> (String, String) {
    let (operator, account, system, user) =
        (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account(), KeyPair::new_user());
    let unlimited = json!({
        "subs": -1, "conn": -1, "leaf": -1, "imports": -1, "exports": -1, "data": -1, "payload": -1, "wildcards": true,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let no_jetstream =
        json!({"subs": -1, "conn": -1, "leaf": -1, "imports": -1, "exports": -1, "data": -1, "payload": -1});
    let account_token =
        token(&operator, &account, &json!({"type": "account", "version": 2, "limits": unlimited}));
    let system_token =
        token(&operator, &system, &json!({"type": "account", "version": 2, "limits": no_jetstream}));
    let operator_token = token(&operator, &operator, &json!({"type": "operator", "version": 2}));
    let permissions =
        json!({"type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1});
    let user_token = token(&account, &user, &permissions);

    let settings = format!(
        "operator: {operator_token}\nsystem_account: {system}\nresolver: MEMORY\n\
         resolver_preload: {{ {account}: {account_token}\n {system}: {system_token} }}\n",
        system = system.public_key(),
        account = account.public_key(),
    );
    let credentials = format!(
        "-----BEGIN NATS USER JWT-----\n{user_token}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        user.seed().unwrap()
    );
    (settings, credentials)
}

/// A token in which the issuer says something of the subject.
fn token(issuer: &KeyPair, subject: &KeyPair, said: &Value) -> String {
    let encode = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let head = encode(json!({"typ": "JWT", "alg": "ed25519-nkey"}));
    let body = encode(json!({
        "jti": subject.public_key(), "iat": 1_700_000_000, "name": "test",
        "iss": issuer.public_key(), "sub": subject.public_key(), "nats": said,
    }));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(issuer.sign(format!("{head}.{body}").as_bytes()).unwrap());
    format!("{head}.{body}.{signature}")
}
