//! The authentication provider that the configuration chose.

use std::net::SocketAddr;

use shared_domain::Caller;
use tonic::{Status, metadata::MetadataMap};

use super::{Authenticator, NoAuthentication, Peer};
use crate::config::{AuthArgs, AuthProvider, ConfigError};

/// One of the providers.
#[derive(Debug)]
pub enum Provider {
    /// The provider `none`.
    None(NoAuthentication),
}

impl Provider {
    /// The configured provider, for a service that listens on `address`.
    ///
    /// # Errors
    /// [`ConfigError`] if the provider must not be used there.
    pub fn new(config: &AuthArgs, address: SocketAddr) -> Result<Self, ConfigError> {
        match config.auth_provider {
            AuthProvider::None => NoAuthentication::new(config.auth_tenant.clone(), address).map(Self::None),
        }
    }
}

impl Authenticator for Provider {
    async fn authenticate(&self, metadata: &MetadataMap, peer: &Peer) -> Result<Caller, Status> {
        match self {
            Self::None(provider) => provider.authenticate(metadata, peer).await,
        }
    }
}
