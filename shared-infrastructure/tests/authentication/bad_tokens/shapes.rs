//! What is not a token at all, or is not shown as one.

use super::{Bad, Forge, bad};
use crate::{keys::encoded, token::message};

pub(super) fn all(forge: &Forge) -> Vec<Bad> {
    let good = forge.good().signed(&forge.rsa);
    let parts: Vec<_> = good.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    let values = |what: &str, values: &[&str]| Bad {
        what: what.to_owned(),
        values: values.iter().map(|value| value.as_bytes().to_vec()).collect(),
    };
    let bearer = format!("Bearer {good}");
    let mut all = vec![
        values("no token: nothing", &[]),
        values("no token: an empty header", &[""]),
        values("no token: the scheme alone", &["Bearer"]),
        values("no token: another scheme", &["Basic YWRhOnNlY3JldA=="]),
        values("no token: no scheme", &[&good]),
        values("no token: another scheme with the token", &[&format!("Token {good}")]),
        values("the same token twice", &[&bearer, &bearer]),
        values("a token and a password", &[&bearer, "Basic YWRhOnNlY3JldA=="]),
        values("a password and a token", &["Basic YWRhOnNlY3JldA==", &bearer]),
        values("a good token and a bad one", &[&bearer, "Bearer x"]),
        values("a token and an empty header", &[&bearer, ""]),
        values("two tokens in one header", &[&format!("{bearer}, {bearer}")]),
        bad("an empty token", ""),
        bad("text", "secret"),
        bad("two parts", format!("{header}.{claims}")),
        bad("four parts", format!("{good}.{signature}")),
        bad(
            "five parts, as if it were encrypted",
            format!("{header}.{claims}.{signature}.{signature}.{signature}"),
        ),
        bad("dots alone", ".."),
        bad("three dots", "..."),
        bad("a dot in front", format!(".{good}")),
        bad("a dot at the end", format!("{good}.")),
        bad("two dots at the end", format!("{good}..")),
        bad("two dots inside", format!("{header}..{claims}.{signature}")),
        bad("a space in front", format!(" {good}")),
        bad("a space inside", format!("{header}. {claims}.{signature}")),
        bad("in quotes", format!("\"{good}\"")),
        bad("without a header", format!(".{claims}.{signature}")),
        bad("without claims", format!("{header}..{signature}")),
        bad("padded", format!("{header}=.{claims}=.{signature}==")),
        bad("a letter that base64 does not have", format!("{header}*.{claims}.{signature}")),
        bad("bytes that are no text", [good.as_bytes(), b"\xff\xfe"].concat()),
        bad(
            "as JSON",
            format!(r#"{{"protected":"{header}","payload":"{claims}","signature":"{signature}"}}"#),
        ),
        bad("as flattened JSON in base64", encoded(format!(r#"{{"payload":"{claims}"}}"#))),
        bad("too long", forge.good().claim("x", "x".repeat(5_000)).signed(&forge.rsa)),
        bad("long and nonsense", "a.".repeat(3_000)),
    ];
    for (what, header) in [
        ("a header that is no JSON", "{"),
        ("an empty header part", ""),
        ("a header that is a list", "[]"),
        ("a header that is null", "null"),
        ("a header with text behind it", r#"{"alg":"RS256","kid":"rsa"} x"#),
        ("a header that says the algorithm twice", r#"{"alg":"RS256","alg":"none","kid":"rsa"}"#),
        ("a header that says the key twice", r#"{"alg":"RS256","kid":"rsa","kid":"ec"}"#),
        ("a header that says something else twice", r#"{"alg":"RS256","kid":"rsa","x":1,"x":1}"#),
        ("a header that says something twice inside", r#"{"alg":"RS256","kid":"rsa","x":[{"a":1,"a":1}]}"#),
    ] {
        let message = message(header, &forge.good().claims.to_string());
        all.push(bad(what, crate::token::signed(&message, &forge.rsa)));
    }
    all
}
