//! The keys that tokens are signed with: the issuer's, whose public halves are in `keys/jwks.json`, and those of somebody else. All were
//! made for this, with `openssl genpkey` and `openssl pkcs8 -topk8 -nocrypt -outform DER`.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
        VerificationAlgorithm,
    },
};

/// The issuer's keys have the ids and algorithms of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    Ec,
    Ed,
}

pub(super) const KINDS: [Kind; 3] = [Kind::Rsa, Kind::Ec, Kind::Ed];

impl Kind {
    /// The issuer's name for its key.
    pub(super) fn id(self) -> &'static str {
        ["rsa", "ec", "ed"][self as usize]
    }

    /// What the key is for.
    pub(super) fn algorithm(self) -> &'static str {
        ["RS256", "ES256", "EdDSA"][self as usize]
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Rsa => &RSA_PKCS1_2048_8192_SHA256,
            Self::Ec => &ECDSA_P256_SHA256_FIXED,
            Self::Ed => &ED25519,
        }
    }
}

/// A key of each kind.
pub(super) struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Keys {
    pub(super) fn issuers() -> Self {
        Self::read(
            include_bytes!("../../keys/rsa.pk8"),
            include_bytes!("../../keys/ec.pk8"),
            include_bytes!("../../keys/ed.pk8"),
        )
    }

    pub(super) fn foreign() -> Self {
        Self::read(
            include_bytes!("../../keys/foreign-rsa.pk8"),
            include_bytes!("../../keys/foreign-ec.pk8"),
            include_bytes!("../../keys/foreign-ed.pk8"),
        )
    }

    fn read(rsa: &[u8], ec: &[u8], ed: &[u8]) -> Self {
        Self {
            rsa: RsaKeyPair::from_pkcs8(rsa).expect("an RSA key"),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec).expect("a key on P-256"),
            ed: Ed25519KeyPair::from_pkcs8_maybe_unchecked(ed).expect("an Ed25519 key"),
        }
    }

    pub(super) fn sign(&self, kind: Kind, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match kind {
            Kind::Rsa => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                let signed = self.rsa.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                signed.expect("keys sign");
                signature
            }
            Kind::Ec => self.ec.sign(&random, message).expect("keys sign").as_ref().to_vec(),
            Kind::Ed => self.ed.sign(message).as_ref().to_vec(),
        }
    }

    /// A keyed hash with what everybody knows of the key.
    pub(super) fn hash(&self, kind: Kind, message: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.public(kind));
        hmac::sign(&key, message).as_ref().to_vec()
    }

    /// Whether a signature is one of the key's.
    pub(super) fn signed(&self, kind: Kind, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(kind.verification(), self.public(kind)).verify(message, signature).is_ok()
    }

    fn public(&self, kind: Kind) -> Vec<u8> {
        match kind {
            Kind::Rsa => self.rsa.public_key().as_ref().to_vec(),
            Kind::Ec => self.ec.public_key().as_ref().to_vec(),
            Kind::Ed => self.ed.public_key().as_ref().to_vec(),
        }
    }
}
