//! The authentication providers that the configuration chose.

use std::net::SocketAddr;

use shared_domain::Caller;
use tonic::{Status, metadata::MetadataMap};

use super::{Authenticator, MtlsAuthentication, NoAuthentication, OidcAuthentication, Peer, refusal, scopes};
use crate::config::{AuthArgs, AuthProvider, ConfigError, TlsArgs};

/// The providers, in their order: the first one that applies to a call says who makes it.
#[derive(Debug)]
pub struct Provider(Vec<One>);

#[derive(Debug)]
enum One {
    Oidc(Box<OidcAuthentication>),
    Mtls(MtlsAuthentication),
    None(NoAuthentication),
}

impl Provider {
    /// The configured providers, for a service that listens on `address` with this TLS.
    ///
    /// # Errors
    /// [`ConfigError`] if a provider lacks what it needs, or must not be used there.
    pub async fn new(config: &AuthArgs, tls: &TlsArgs, address: SocketAddr) -> Result<Self, ConfigError> {
        scopes::prepare();
        let chosen = &config.auth_provider;
        if chosen.len() > 1 && chosen.contains(&AuthProvider::None) {
            return Err(ConfigError::new("--auth-provider", "`none` cannot be had together with another"));
        }
        for (provider, flag) in config.given() {
            if !chosen.contains(&provider) {
                let reason = "has no effect without its provider in --auth-provider";
                return Err(ConfigError::new(flag, reason));
            }
        }
        if chosen.contains(&AuthProvider::Mtls) && tls.tls_client_ca_file.is_none() {
            return Err(ConfigError::new("--tls-client-ca-file", "is needed for the provider `mtls`"));
        }
        let mut providers = Vec::with_capacity(chosen.len());
        for provider in chosen {
            providers.push(match provider {
                AuthProvider::Oidc => One::Oidc(Box::new(OidcAuthentication::new(&config.oidc).await?)),
                AuthProvider::Mtls => One::Mtls(MtlsAuthentication::new(&config.mtls)?),
                AuthProvider::None => One::None(NoAuthentication::new(config.auth_tenant.clone(), address)?),
            });
        }
        Ok(Self(providers))
    }
}

impl Authenticator for Provider {
    async fn authenticate(&self, metadata: &MetadataMap, peer: &Peer) -> Result<Caller, Status> {
        for provider in &self.0 {
            match provider {
                One::Oidc(oidc) if oidc.applies(metadata) => return oidc.authenticate(metadata, peer).await,
                One::Mtls(mtls) if mtls.applies(peer) => return mtls.authenticate(metadata, peer).await,
                One::None(none) => return none.authenticate(metadata, peer).await,
                One::Oidc(_) | One::Mtls(_) => {}
            }
        }
        let accepted = self.0.iter().map(|provider| match provider {
            One::Oidc(_) => "send a token as `authorization: Bearer TOKEN`",
            One::Mtls(_) => "connect with a client certificate",
            One::None(_) => "anything will do",
        });
        Err(refusal::token_missing(&accepted.collect::<Vec<_>>().join(", or ")))
    }
}
