//! The keys of an issuer, each for one algorithm.

use std::collections::HashMap;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// Most keys of an issuer.
const KEY_LIMIT: usize = 100;

/// The fewest bits of an RSA key (RFC 7518, section 3.3). No signature of a shorter one would be taken.
pub(super) const RSA_BITS: usize = 2048;

/// A key that signatures are verified with.
#[derive(Debug)]
pub(super) struct Key {
    /// The only algorithm that it is used with, whatever a token says.
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// The keys by their ids.
#[derive(Debug)]
pub(super) struct KeySet {
    keys: HashMap<String, Key>,
    document: Value,
}

/// A document that is no key set.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnusableKeySet {
    #[error("not a JSON Web Key Set: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("it has more than {KEY_LIMIT} keys")]
    TooMany,
}

impl KeySet {
    /// Reads a JSON Web Key Set (RFC 7517). Keys that are not for verifying, or for other algorithms, are left out. One without keys
    /// is one all the same: so an issuer withdraws the last of them.
    pub(super) fn parse(document: &[u8]) -> Result<Self, UnusableKeySet> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Value = serde_json::from_slice(document)?;
        let listed = Document::deserialize(&document)?.keys;
        if listed.len() > KEY_LIMIT {
            return Err(UnusableKeySet::TooMany);
        }
        let mut keys = HashMap::new();
        for (id, key) in listed.into_iter().filter_map(usable) {
            // Of two keys of one id the first counts: which of them a token means could not be told.
            keys.entry(id).or_insert(key);
        }
        Ok(Self { keys, document })
    }

    /// Whether it has no key with an id for RS256 (of [`RSA_BITS`] or more), ES256 or EdDSA.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        self.keys.get(id)
    }
}

impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
    }
}

fn usable(listed: Value) -> Option<(String, Key)> {
    let jwk: Jwk = serde_json::from_value(listed).ok()?;
    let (algorithm, named) = match &jwk.algorithm {
        // A modulus in Base64, of six bits a character.
        AlgorithmParameters::RSA(rsa) if rsa.n.len() * 6 >= RSA_BITS => {
            (Algorithm::RS256, KeyAlgorithm::RS256)
        }
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let common = &jwk.common;
    let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let operations = common.key_operations.as_ref();
    let verifies = operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let fits = common.key_algorithm.is_none_or(|given| given == named);
    let id = common.key_id.clone().filter(|id| !id.is_empty())?;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    (signs && verifies && fits).then_some((id, Key { algorithm, key }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ec(more: Value) -> Value {
        let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
        let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
        let mut key = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "1"});
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    }

    fn parse(keys: &[Value]) -> Result<KeySet, UnusableKeySet> {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes())
    }

    #[test]
    fn a_key_is_for_one_algorithm() {
        for more in [json!({}), json!({"alg": "ES256", "use": "sig"}), json!({"key_ops": ["verify"]})] {
            let set = parse(&[ec(more.clone())]).unwrap();
            assert_eq!(set.get("1").unwrap().algorithm, Algorithm::ES256, "{more}");
        }
        for more in [
            json!({"alg": "RS256"}),
            json!({"alg": "ES384"}),
            json!({"alg": "HS256"}),
            json!({"alg": "none"}),
            json!({"use": "enc"}),
            json!({"key_ops": ["sign"]}),
            json!({"kid": ""}),
            json!({"kid": null}),
            json!({"crv": "P-384"}),
            json!({"kty": "oct", "k": "AAAA"}),
            json!({"kty": "RSA"}),
            json!({"x": "*"}),
        ] {
            assert!(parse(&[ec(more.clone())]).unwrap().is_empty(), "{more}");
        }
    }

    #[test]
    fn a_key_of_rsa_is_long_enough() {
        for (characters, usable) in [(171, false), (341, false), (342, true), (683, true)] {
            let modulus = "A".repeat(characters);
            let key = json!({"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "1"});
            assert_eq!(!parse(&[key]).unwrap().is_empty(), usable, "{characters} characters");
        }
    }

    #[test]
    fn keys_that_cannot_be_used_hide_no_others() {
        let set = parse(&[json!(7), ec(json!({"use": "enc", "kid": "2"})), ec(json!({}))]).unwrap();
        assert!(set.get("1").is_some() && set.get("2").is_none());
    }

    #[test]
    fn other_documents_are_refused() {
        for document in ["", "[]", "{}", r#"{"keys": {}}"#] {
            assert!(KeySet::parse(document.as_bytes()).is_err(), "{document}");
        }
        assert!(parse(&[]).unwrap().is_empty());
        let many: Vec<_> = (0..101).map(|id| ec(json!({"kid": id.to_string()}))).collect();
        assert!(matches!(parse(&many), Err(UnusableKeySet::TooMany)));
    }
}
