//! From a token to its caller: the signature, the claims that every token has, and what was verified before.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, Header, Validation, decode, decode_header, errors::ErrorKind, get_current_timestamp,
};
use moka::sync::Cache;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared_domain::Caller;
use tonic::Status;

use super::{
    claims::ClaimNames,
    key_set::KeySet,
    keys::{Keys, Missing, Schedule},
    source::Source,
    strict_json::Strict,
};
use crate::{
    auth::refusal::{issuer_unavailable, token_expired, token_invalid},
    config::{ConfigError, OidcArgs},
};

/// The algorithms that signatures may have.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// What an access token may call itself (RFC 9068). A token for another purpose says so, and is not taken for one.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// The claims that every token has to have.
const REQUIRED: [&str; 4] = ["exp", "iss", "aud", "sub"];

/// How far the clocks of the issuer and this machine may be apart, in seconds.
const LEEWAY: u64 = 30;

/// Most tokens that are remembered. To verify a signature costs as much as a read of an order.
const REMEMBERED: u64 = 10_000;

/// How long a token is remembered at most.
const REMEMBERED_FOR: Duration = Duration::from_secs(300);

/// What is expected of a token of which nothing more may be said, since nobody vouches for it.
const EXPECTED: &str =
    "expected a JSON Web Token that the configured issuer signed with RS256, ES256 or EdDSA";

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Verifier {
    keys: Keys,
    names: ClaimNames,
    audience: String,
    validations: Vec<Validation>,
    verified: Cache<[u8; 32], Arc<Verified>>,
}

/// A token that was verified.
#[derive(Debug)]
struct Verified {
    caller: Caller,
    /// When it expires, in seconds since 1970.
    expires: u64,
    /// The keys that it was verified with: with others it has to be verified again.
    keys: Arc<KeySet>,
}

impl Verifier {
    pub(super) async fn new(config: &OidcArgs) -> Result<Self, ConfigError> {
        let missing = |flag| ConfigError::new(flag, "is needed for the provider `oidc`");
        let issuer = config.oidc_issuer.as_deref().filter(|issuer| !issuer.is_empty());
        let issuer = issuer.ok_or_else(|| missing("--oidc-issuer"))?;
        if config.oidc_audience.iter().all(String::is_empty) {
            return Err(missing("--oidc-audience"));
        }
        if config.oidc_stale_limit < config.oidc_refresh_interval {
            let problem = "must be at least as long as --oidc-refresh-interval, or keys would stop to count between two fetches";
            return Err(ConfigError::new("--oidc-stale-limit", problem));
        }
        let source = Source::new(issuer, config)?;
        if let Source::File(_) = source {
            let refused = |error| ConfigError::new("--oidc-jwks-file", format!("{error}"));
            source.keys().await.map_err(refused)?;
        }
        Ok(Self {
            keys: Keys::follow(source, Schedule::new(config)),
            names: ClaimNames::new(config),
            audience: config.oidc_audience.join("` or `"),
            validations: ALGORITHMS.map(|algorithm| validation(algorithm, issuer, config)).into(),
            verified: Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build(),
        })
    }

    /// Who shows the token.
    pub(super) async fn caller(&self, token: &str) -> Result<Caller, Status> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.remembered(&hash) {
            return if expired(known.expires) { Err(token_expired()) } else { Ok(known.caller.clone()) };
        }
        let header = header(token).ok_or_else(|| token_invalid(EXPECTED))?;
        let id = key_id(&header).ok_or_else(|| token_invalid(EXPECTED))?;
        let keys = self.keys.with(id).await.map_err(|missing| match missing {
            Missing::Unknown => token_invalid(EXPECTED),
            Missing::Unavailable => issuer_unavailable(),
        })?;
        let claims = self.claims(token, &keys, id)?;
        let caller = self.names.caller(&claims).map_err(token_invalid)?;
        let expires = claims["exp"].as_f64().map_or(0, |seconds| seconds as u64);
        self.verified.insert(hash, Arc::new(Verified { caller: caller.clone(), expires, keys }));
        Ok(caller)
    }

    fn remembered(&self, hash: &[u8; 32]) -> Option<Arc<Verified>> {
        let known = self.verified.get(hash)?;
        let keys = self.keys.current()?;
        Arc::ptr_eq(&known.keys, &keys).then_some(known)
    }

    fn claims(&self, token: &str, keys: &KeySet, id: &str) -> Result<Value, Status> {
        let key = keys.get(id).ok_or_else(|| token_invalid(EXPECTED))?;
        let validation = self.validations.iter().find(|validation| validation.algorithms == [key.algorithm]);
        let validation = validation.ok_or_else(|| token_invalid(EXPECTED))?;
        let claims = decode::<Strict>(token, &key.key, validation);
        let Strict(claims) = claims.map_err(|error| self.refused(error.kind()))?.claims;
        // The library would also take a list that has the issuer in it.
        if claims["iss"].is_string() { Ok(claims) } else { Err(token_invalid(EXPECTED)) }
    }

    /// What the caller is told. Errors about claims come only once the signature was found to be the issuer's.
    fn refused(&self, error: &ErrorKind) -> Status {
        match error {
            ErrorKind::ExpiredSignature => token_expired(),
            ErrorKind::ImmatureSignature => token_invalid("the token is not valid yet"),
            ErrorKind::InvalidIssuer => token_invalid("the token is from another issuer"),
            ErrorKind::InvalidAudience => token_invalid(format!(
                "the token is for somebody else: its `aud` must name `{}`",
                self.audience
            )),
            ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
                token_invalid(format!("the token's claim `{claim}` is missing or malformed"))
            }
            _ => token_invalid(EXPECTED),
        }
    }
}

fn validation(algorithm: Algorithm, issuer: &str, config: &OidcArgs) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&REQUIRED);
    validation.set_issuer(&[issuer]);
    let audience: Vec<_> = config.oidc_audience.iter().filter(|name| !name.is_empty()).collect();
    validation.set_audience(&audience);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation
}

/// The header, if no name stands twice in it.
fn header(token: &str) -> Option<Header> {
    let (encoded, _) = token.split_once('.')?;
    let json = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    serde_json::from_slice::<Strict>(&json).ok()?;
    decode_header(token).ok()
}

/// The id of the key, if the header asks for nothing that is not done here. Keys that it brings along, or says where to find, are
/// not looked at.
fn key_id(header: &Header) -> Option<&str> {
    let kind = header.typ.as_ref().is_none_or(|kind| TYPES.contains(&kind.to_ascii_lowercase().as_str()));
    let plain = header.crit.is_none() && header.enc.is_none() && header.zip.is_none();
    let id = header.kid.as_deref().filter(|id| !id.is_empty())?;
    (kind && plain && ALGORITHMS.contains(&header.alg)).then_some(id)
}

fn expired(at: u64) -> bool {
    at.saturating_add(LEEWAY) < get_current_timestamp()
}
