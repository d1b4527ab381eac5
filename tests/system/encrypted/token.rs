//! An issuer of tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData as _, SigningKey as _};
use serde_json::{Value, json};

/// Signs with an Ed25519 key.
pub(crate) struct Issuer(KeyPair);

impl Issuer {
    pub(crate) const NAME: &str = "https://id.example.com";
    pub(crate) const AUDIENCE: &str = "orders";

    pub(crate) fn new() -> Self {
        Self(KeyPair::generate_for(&PKCS_ED25519).unwrap())
    }

    /// What stands in the file of its keys.
    pub(crate) fn keys(&self) -> String {
        let key = URL_SAFE_NO_PAD.encode(self.0.der_bytes());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "1", "x": key}]}).to_string()
    }

    /// A token of a caller of the tenant `globex` who may write, for so many seconds from now.
    pub(crate) fn token(&self, subject: &str, seconds: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({
            "iss": Self::NAME, "aud": Self::AUDIENCE, "sub": subject, "exp": now.cast_signed() + seconds,
            "tenant": "globex", "scope": "orders.write orders.read",
        });
        let message = format!("{}.{}", part(json!({"alg": "EdDSA", "kid": "1"})), part(claims));
        let signature = self.0.sign(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
