//! Where an issuer's keys come from.

use std::{io, path::PathBuf};

use http::Uri;
use serde::Deserialize;

use super::{
    fetch::{FetchError, Fetcher, trusted},
    key_set::{KeySet, UnusableKeySet},
};
use crate::config::{ConfigError, OidcArgs};

/// Where OpenID Connect issuers describe themselves, below their URL.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// One of the ways to come by the keys.
#[derive(Debug)]
pub(super) enum Source {
    /// The issuer says where they are.
    Discovery {
        issuer: String,
        configuration: Uri,
        fetcher: Fetcher,
    },
    Url {
        keys: Uri,
        fetcher: Fetcher,
    },
    File(PathBuf),
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{path}: {cause}", path = path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("the keys cannot be used: {0}")]
    Keys(#[from] UnusableKeySet),
    #[error("the issuer's configuration cannot be used: {0}")]
    Configuration(String),
}

impl Source {
    pub(super) fn new(issuer: &str, config: &OidcArgs) -> Result<Self, ConfigError> {
        if let Some(path) = &config.oidc_jwks_file {
            return Ok(Self::File(path.clone()));
        }
        let fetcher = Fetcher::new(config.oidc_ca.as_deref(), config.oidc_fetch_timeout)?;
        let url = |flag, url: &str| trusted(url).map_err(|problem| ConfigError::new(flag, problem));
        if let Some(keys) = &config.oidc_jwks_url {
            return Ok(Self::Url { keys: url("--oidc-jwks-url", keys)?, fetcher });
        }
        let configuration = format!("{}{DISCOVERY}", issuer.trim_end_matches('/'));
        let configuration = url("--oidc-issuer", &configuration)?;
        Ok(Self::Discovery { issuer: issuer.to_owned(), configuration, fetcher })
    }

    /// The keys, as they are there now.
    pub(super) async fn keys(&self) -> Result<KeySet, SourceError> {
        let document = match self {
            Self::Discovery { issuer, configuration, fetcher } => {
                let configuration = fetcher.get(configuration).await?;
                fetcher.get(&key_set_of(issuer, &configuration).map_err(SourceError::Configuration)?).await?
            }
            Self::Url { keys, fetcher } => fetcher.get(keys).await?,
            Self::File(path) => {
                let refused = |cause| SourceError::File { path: path.clone(), cause };
                tokio::fs::read(path).await.map_err(refused)?.into()
            }
        };
        Ok(KeySet::parse(&document)?)
    }
}

/// Where the keys are, according to a configuration that speaks of this issuer and no other.
fn key_set_of(issuer: &str, configuration: &[u8]) -> Result<Uri, String> {
    #[derive(Deserialize)]
    struct Configuration {
        issuer: String,
        jwks_uri: String,
    }
    let found: Configuration = serde_json::from_slice(configuration).map_err(|error| error.to_string())?;
    if found.issuer != issuer {
        return Err(format!("it is that of {}", found.issuer));
    }
    trusted(&found.jwks_uri).map_err(|problem| format!("jwks_uri {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_believed_about_its_own_issuer_only() {
        let of = |issuer: &str, keys: &str| format!(r#"{{"issuer": "{issuer}", "jwks_uri": "{keys}"}}"#);
        let read = |text: String| key_set_of("https://id.example.com", text.as_bytes());
        let keys = "https://keys.example.com/set";
        assert_eq!(read(of("https://id.example.com", keys)).unwrap(), keys);
        for bad in [
            of("https://evil.example.com", keys),
            of("https://id.example.com/", keys),
            of("https://id.example.com", "http://keys.example.com/set"),
            of("https://id.example.com", "file:///keys"),
            "{}".to_owned(),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
