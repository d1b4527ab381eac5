//! What a token has to be that the issuer signed, as docs/authentication.md says it: written without a look at how the provider does it.

use serde_json::{Map, Value};
use shared_domain::{Actor, ActorKind, Caller, TenantId};

use super::{AUDIENCE, ISSUER, forgery::Signed};

/// How far clocks may be apart, in seconds.
const LEEWAY: f64 = 30.0;
/// How long it takes at most, in seconds, until a token that was judged has been shown.
const MOMENT: f64 = 2.0;
/// The longest token, in bytes.
const LONGEST: usize = 6 * 1024;
/// The names of which a provider must know what stands behind them.
const KNOWN: [&str; 9] = ["iss", "sub", "aud", "exp", "nbf", "iat", "tenant", "scope", "client_id"];

/// What is to become of a token.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The issuer did not sign it.
    Foreign,
    /// It must not be taken.
    Bad(&'static str),
    /// It may be taken, for this caller's, or refused: for what it has besides, or because its time ends or begins now.
    Open(Caller),
    /// It has to be taken.
    Good(Caller),
}

/// Judges a token that the issuer signed, which has so many bytes.
pub(super) fn judge(signed: &Signed, now: u64, length: usize) -> Verdict {
    match judged(signed, now as f64, length) {
        Ok((caller, true)) => Verdict::Good(caller),
        Ok((caller, false)) => Verdict::Open(caller),
        Err(why) => Verdict::Bad(why),
    }
}

fn judged(signed: &Signed, now: f64, length: usize) -> Result<(Caller, bool), &'static str> {
    require(length <= LONGEST, "too long")?;
    let header = object(&signed.header)?;
    require(header.get("alg") == Some(&signed.kind.algorithm().into()), "another algorithm")?;
    require(header.get("kid") == Some(&signed.kind.id().into()), "another key")?;
    for name in ["crit", "enc", "zip"] {
        require(header.get(name).is_none_or(Value::is_null), "a header that asks for more")?;
    }
    let kind = header.get("typ").filter(|kind| !kind.is_null());
    let access = |kind: &Value| {
        let name = kind.as_str().unwrap_or_default().to_ascii_lowercase();
        ["jwt", "at+jwt", "application/at+jwt"].contains(&&*name)
    };
    require(kind.is_none_or(access), "for something else")?;

    let claims = object(&signed.claims)?;
    require(claims.get("iss") == Some(&ISSUER.into()), "another issuer")?;
    let audience = claims.get("aud").unwrap_or(&Value::Null);
    let named =
        audience == AUDIENCE || audience.as_array().is_some_and(|list| list.contains(&AUDIENCE.into()));
    require(named, "another audience")?;
    let begins = match claims.get("nbf") {
        None => 0.0,
        Some(time) => time.as_f64().ok_or("no time to begin")?,
    };
    let expires = claims.get("exp").and_then(Value::as_f64).ok_or("no time to expire")?;
    require(expires + LEEWAY > now - MOMENT, "expired")?;
    require(begins - LEEWAY < now + MOMENT, "not valid yet")?;

    let timely = expires + LEEWAY > now + MOMENT && begins - LEEWAY < now - MOMENT;
    let times = ["exp", "nbf", "iat"].map(|name| claims.get(name).is_none_or(Value::is_u64));
    let texts =
        audience.is_string() || audience.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let plain =
        header.iter().all(|(name, value)| ["alg", "kid", "typ"].contains(&&**name) && value.is_string());
    let known = claims.keys().all(|name| KNOWN.contains(&&**name));
    Ok((caller(&claims)?, timely && times == [true; 3] && texts && plain && known))
}

fn require(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn caller(claims: &Map<String, Value>) -> Result<Caller, &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let tenant = text("tenant").and_then(|tenant| TenantId::new(tenant).ok()).ok_or("no tenant")?;
    let subject = text("sub").ok_or("no subject")?;
    require((1..=255).contains(&subject.len()) && !subject.chars().any(char::is_control), "no subject")?;
    let kind = if text("client_id") == Some(subject) { ActorKind::Service } else { ActorKind::User };
    let scopes = match claims.get("scope") {
        None => vec![],
        Some(Value::String(scopes)) => scopes.split_ascii_whitespace().collect(),
        Some(Value::Array(scopes)) => {
            scopes.iter().map(Value::as_str).collect::<Option<_>>().ok_or("scopes that are no texts")?
        }
        Some(_) => return Err("scopes that are no texts"),
    };
    let scopes = scopes.into_iter().map(str::to_owned).collect();
    Ok(Caller { tenant, actor: Actor { kind, subject: subject.to_owned() }, scopes })
}

/// The object that a part of a token has to be, with no name twice, however deep.
fn object(part: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let value = serde_json::from_slice(part).map_err(|_| "no JSON")?;
    require(members(&value) == colons(part), "a name twice")?;
    let Value::Object(object) = value else { return Err("no object") };
    Ok(object)
}

/// How many members there are in all objects: of those with one name, the last.
fn members(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.values().map(|value| 1 + members(value)).sum(),
        Value::Array(list) => list.iter().map(members).sum(),
        _ => 0,
    }
}

/// How many members were written down: each has its colon.
fn colons(json: &[u8]) -> usize {
    let (mut colons, mut text, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => text = !text,
            b':' if !text => colons += 1,
            _ => {}
        }
    }
    colons
}
