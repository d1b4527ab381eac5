//! Tokens, good ones to begin with, in which everything can be changed.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::keys::{Pair, encoded};

pub(crate) const AUDIENCE: &str = "orders";

/// A token that is not signed yet.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Token {
    /// One that the service takes once the pair has signed it.
    pub(crate) fn good(issuer: &str, pair: &Pair) -> Self {
        Self {
            header: json!({"alg": pair.algorithm(), "typ": "JWT", "kid": pair.id}),
            claims: json!({
                "iss": issuer, "aud": AUDIENCE, "sub": "ada", "iat": now(), "exp": now() + 300,
                "tenant": "acme", "scope": "orders.read",
            }),
        }
    }

    /// With something else in the header.
    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    /// With another claim.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(name);
        self
    }

    pub(crate) fn without_claim(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    /// What is signed.
    pub(crate) fn message(&self) -> String {
        message(&self.header.to_string(), &self.claims.to_string())
    }

    pub(crate) fn signed(&self, pair: &Pair) -> String {
        signed(&self.message(), pair)
    }
}

pub(crate) fn message(header: &str, claims: &str) -> String {
    format!("{}.{}", encoded(header), encoded(claims))
}

pub(crate) fn signed(message: &str, pair: &Pair) -> String {
    format!("{message}.{}", encoded(pair.sign(message.as_bytes())))
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(elapsed.as_secs()).unwrap()
}
