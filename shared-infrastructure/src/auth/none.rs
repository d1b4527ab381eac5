//! The provider `none`: it believes what the call says of itself, and so serves loopback only.

use std::{collections::BTreeSet, net::SocketAddr};

use shared_domain::{Actor, ActorKind, Caller, TenantId};
use tonic::{Status, metadata::MetadataMap};

use super::{
    Authenticator, Peer,
    metadata::{TENANT, text, violation},
    subject::{SUBJECT_LIMIT, is_subject},
};
use crate::{
    config::ConfigError,
    errors::{FieldViolation, bad_request},
};

const SUBJECT: &str = "x-subject";

/// Everybody who can reach the port may do everything, for any tenant.
#[derive(Debug)]
pub struct NoAuthentication {
    tenant: TenantId,
}

impl NoAuthentication {
    /// A provider for a service that listens on `address`; `tenant` is taken where a call names none.
    ///
    /// # Errors
    /// [`ConfigError`] if other machines can reach the address.
    pub fn new(tenant: TenantId, address: SocketAddr) -> Result<Self, ConfigError> {
        if address.ip().is_loopback() {
            return Ok(Self { tenant });
        }
        let problem = format!("the provider `none` serves loopback addresses only, and {address} is none");
        Err(ConfigError::new("--auth-provider", problem))
    }

    fn identify(&self, metadata: &MetadataMap) -> Result<Caller, FieldViolation> {
        let tenant = match text(metadata, TENANT)? {
            Some(id) => TenantId::new(id).map_err(|error| violation(TENANT, error.to_string()))?,
            None => self.tenant.clone(),
        };
        let subject = text(metadata, SUBJECT)?.unwrap_or("anonymous");
        if !is_subject(subject) {
            return Err(violation(SUBJECT, format!("must have 1 to {SUBJECT_LIMIT} characters")));
        }
        let actor = Actor { kind: ActorKind::User, subject: subject.to_owned() };
        Ok(Caller { tenant, actor, scopes: BTreeSet::from(["*".to_owned()]) })
    }
}

impl Authenticator for NoAuthentication {
    async fn authenticate(&self, metadata: &MetadataMap, _peer: &Peer) -> Result<Caller, Status> {
        self.identify(metadata).map_err(|violation| bad_request(vec![violation]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> NoAuthentication {
        NoAuthentication::new(TenantId::new("default").unwrap(), "[::1]:50051".parse().unwrap()).unwrap()
    }

    fn metadata(pairs: &[(&'static str, &str)]) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        for (key, value) in pairs {
            metadata.append(*key, value.parse().unwrap());
        }
        metadata
    }

    #[test]
    fn only_loopback_is_served() {
        for address in ["0.0.0.0:1", "10.0.0.1:1", "[::]:1"] {
            let refused = NoAuthentication::new(TenantId::new("default").unwrap(), address.parse().unwrap());
            assert_eq!(refused.unwrap_err().flag, "--auth-provider", "{address}");
        }
    }

    #[test]
    fn a_call_is_for_the_tenant_it_names_or_the_fixed_one() {
        let silent = provider().identify(&metadata(&[])).unwrap();
        assert_eq!((silent.tenant.as_str(), &*silent.actor.subject), ("default", "anonymous"));
        let named = provider().identify(&metadata(&[(TENANT, "acme"), (SUBJECT, "ada")])).unwrap();
        assert_eq!((named.tenant.as_str(), &*named.actor.subject), ("acme", "ada"));
        assert!(named.scopes.contains("*"));
    }

    #[test]
    fn what_cannot_be_a_tenant_or_a_subject_is_refused() {
        let long = "x".repeat(256);
        for (pairs, field) in [
            (vec![(TENANT, "No Tenant")], TENANT),
            (vec![(TENANT, "")], TENANT),
            (vec![(TENANT, "acme"), (TENANT, "other")], TENANT),
            (vec![(SUBJECT, "")], SUBJECT),
            (vec![(SUBJECT, &*long)], SUBJECT),
        ] {
            assert_eq!(provider().identify(&metadata(&pairs)).unwrap_err().field, field, "{pairs:?}");
        }
    }
}
