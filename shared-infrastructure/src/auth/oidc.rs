//! The provider `oidc`: callers show a token that an OpenID Connect issuer signed.

mod claims;
mod fetch;
mod key_set;
mod keys;
mod source;
mod strict_json;
mod verifier;

use shared_domain::Caller;
use tonic::{Status, metadata::MetadataMap};

use super::{Authenticator, Peer, metadata::of_own_tenant, refusal};
use crate::config::{ConfigError, OidcArgs};
use verifier::Verifier;

/// The key of the metadata that tokens come in.
const AUTHORIZATION: &str = "authorization";

/// What stands before a token, in any case.
const SCHEME: &str = "bearer ";

/// Longest token, in bytes.
const TOKEN_LIMIT: usize = 6 * 1024;

/// Whoever has a token of the issuer calls for the tenant that it names.
#[derive(Debug)]
pub struct OidcAuthentication {
    verifier: Verifier,
}

impl OidcAuthentication {
    /// A provider that begins to fetch the issuer's keys. It need not be within reach yet: until it is, calls are UNAVAILABLE.
    ///
    /// # Errors
    /// [`ConfigError`] if something is missing, a URL is not safe to use, or a file cannot be read.
    pub async fn new(config: &OidcArgs) -> Result<Self, ConfigError> {
        Ok(Self { verifier: Verifier::new(config).await? })
    }

    /// Whether a call shows a token, or something that was meant for one.
    pub(super) fn applies(&self, metadata: &MetadataMap) -> bool {
        metadata.get_all(AUTHORIZATION).iter().any(|value| bearer(value.as_bytes()).is_some())
    }
}

impl Authenticator for OidcAuthentication {
    async fn authenticate(&self, metadata: &MetadataMap, _peer: &Peer) -> Result<Caller, Status> {
        let caller = self.verifier.caller(token(metadata)?).await?;
        of_own_tenant(caller, metadata)
    }
}

fn token(metadata: &MetadataMap) -> Result<&str, Status> {
    let mut values = metadata.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(refusal::token_invalid("`authorization` must be given once"));
    };
    let token = bearer(value.as_bytes()).and_then(|token| std::str::from_utf8(token).ok());
    let token = token.ok_or_else(|| refusal::token_invalid("expected `authorization: Bearer TOKEN`"))?;
    if token.len() > TOKEN_LIMIT {
        return Err(refusal::token_invalid(format!("a token can have {TOKEN_LIMIT} bytes")));
    }
    Ok(token)
}

/// What follows the scheme.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME.as_bytes()).then_some(token)
}
