//! Claims that do not add up to a caller, under the issuer's own signature.

use serde_json::{Value, json};

use super::{Bad, Forge, bad};
use crate::token::{message, now, signed};

pub(super) fn all(forge: &Forge) -> Vec<Bad> {
    let (issuer, day) = (&forge.issuer, 24 * 3600);
    let mut all = vec![
        forge.signed("expired a minute ago", forge.good().claim("exp", now() - 60)),
        forge.signed("expired in 1970", forge.good().claim("exp", 0)),
        forge.signed("expired, as a fraction", forge.good().claim("exp", 1.5)),
    ];
    for name in ["exp", "iss", "aud", "sub", "tenant"] {
        all.push(forge.signed(&format!("without {name}"), forge.good().without_claim(name)));
        for value in
            [Value::Null, json!(true), json!({}), json!([]), json!([7]), json!(""), json!({"a": "b"})]
        {
            all.push(forge.signed(&format!("{name} is {value}"), forge.good().claim(name, value.clone())));
        }
    }
    for (name, value) in [
        ("exp", json!((now() + day).to_string())),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("nbf", json!(now() + day)),
        ("nbf", json!(now().to_string())),
        ("nbf", json!("tomorrow")),
        ("nbf", json!([0])),
        ("iss", json!("https://id.example.com")),
        ("iss", json!(format!("{issuer}/"))),
        ("iss", json!(issuer.to_uppercase())),
        ("iss", json!([issuer])),
        ("iss", json!([issuer, "https://id.example.com"])),
        ("aud", json!("payments")),
        ("aud", json!("ORDERS")),
        ("aud", json!("orders payments")),
        ("aud", json!(["payments", "invoices"])),
        ("aud", json!(["orders", 7])),
        ("sub", json!(7)),
        ("sub", json!("x".repeat(256))),
        ("sub", json!("a\nb")),
        ("tenant", json!("Not A Tenant")),
        ("tenant", json!("acme,globex")),
        ("tenant", json!(["acme"])),
        ("tenant", json!("a".repeat(64))),
        ("scope", json!(7)),
        ("scope", json!({"orders.read": true})),
        ("scope", json!([["orders.read"]])),
    ] {
        let what: String = format!("{name} is {value}").chars().take(60).collect();
        all.push(forge.signed(&what, forge.good().claim(name, value)));
    }
    let header = forge.good().header.to_string();
    let claims = forge.good().claims.to_string();
    let body = claims.trim_end_matches('}');
    for (what, claims) in [
        ("claims that are no JSON", "tenant=acme".to_owned()),
        ("claims that are a list", format!("[{claims}]")),
        ("claims that are null", "null".to_owned()),
        ("claims with text behind them", format!("{claims}{{}}")),
        ("claims that end too early", body.to_owned()),
        ("two tenants", format!("{body},\"tenant\":\"globex\"}}")),
        ("two equal tenants", format!("{body},\"tenant\":\"acme\"}}")),
        ("two tenants, one spelled otherwise", format!("{body},\"ten\\u0061nt\":\"globex\"}}")),
        ("two times to expire", format!("{body},\"exp\":99999999999}}")),
        ("two scopes", format!("{body},\"scope\":\"*\"}}")),
        ("two of something deep inside", format!("{body},\"x\":[{{\"a\":1,\"a\":1}}]}}")),
        ("claims too deep", format!("{body},\"x\":{}{}}}", "[".repeat(500), "]".repeat(500))),
    ] {
        all.push(bad(what, signed(&message(&header, &claims), &forge.rsa)));
    }
    all
}
