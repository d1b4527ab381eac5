//! Fetches small documents over HTTP, and gives up where that leads too far.

use std::{fs, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio::time::timeout;

use crate::config::ConfigError;

/// Largest document, in bytes.
const DOCUMENT_LIMIT: usize = 256 * 1024;

/// An HTTP client that follows no redirect.
#[derive(Debug, Clone)]
pub(super) struct Fetcher {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    timeout: Duration,
}

/// A document that could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{} did not answer within {limit:?}", shown(uri))]
    Timeout { uri: Uri, limit: Duration },
    #[error("{} cannot be reached: {cause}", shown(uri))]
    Unreachable { uri: Uri, cause: String },
    #[error("{} answers {status}", shown(uri))]
    Status { uri: Uri, status: StatusCode },
    #[error("{} does not send a whole document of at most {DOCUMENT_LIMIT} bytes", shown(uri))]
    Body { uri: Uri },
}

/// What of it may be logged: a query may hold a key.
fn shown(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("{}://{authority}{}", uri.scheme_str().unwrap_or_default(), uri.path())
}

impl Fetcher {
    /// A client that trusts the authorities in the file `ca`, or else those that the machine trusts.
    pub(super) fn new(ca: Option<&Path>, timeout: Duration) -> Result<Self, ConfigError> {
        let roots = match ca {
            Some(path) => authorities(path)?,
            None => {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                roots
            }
        };
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { client, timeout })
    }

    /// The document at `uri`.
    pub(super) async fn get(&self, uri: &Uri) -> Result<Bytes, FetchError> {
        let late = |_| FetchError::Timeout { uri: uri.clone(), limit: self.timeout };
        timeout(self.timeout, self.document(uri)).await.map_err(late)?
    }

    async fn document(&self, uri: &Uri) -> Result<Bytes, FetchError> {
        let request = Request::get(uri).header(header::ACCEPT, "application/json").body(Empty::new());
        let request = request.expect("a URI makes a request");
        let response = self.client.request(request).await.map_err(|error| {
            let cause =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            FetchError::Unreachable { uri: uri.clone(), cause }
        })?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status { uri: uri.clone(), status: response.status() });
        }
        let body = Limited::new(response.into_body(), DOCUMENT_LIMIT).collect().await;
        body.map(|body| body.to_bytes()).map_err(|_| FetchError::Body { uri: uri.clone() })
    }
}

fn authorities(path: &Path) -> Result<RootCertStore, ConfigError> {
    let refused = |problem: String| ConfigError::new("--oidc-ca", format!("{}: {problem}", path.display()));
    let pem = fs::read(path).map_err(|error| refused(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    if roots.is_empty() { Err(refused("has no certificate".to_owned())) } else { Ok(roots) }
}

/// The URL, if what it leads to can be believed: by TLS, or since it is on this machine.
pub(super) fn trusted(url: &str) -> Result<Uri, String> {
    let uri: Uri = url.parse().map_err(|_| "is not a URL".to_owned())?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("must have no user and no password: they would not be sent".to_owned());
    }
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let here =
        host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    match uri.scheme_str() {
        Some("https") if !host.is_empty() => Ok(uri),
        Some("http") if here => Ok(uri),
        _ => Err("must be an https URL, or an http one of this machine".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_that_can_be_believed_are_fetched() {
        for good in [
            "https://id.example.com",
            "https://id.example.com/realms/a",
            "http://127.0.0.1:9/x",
            "http://[::1]:9",
            "http://localhost",
        ] {
            assert!(trusted(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "id.example.com",
            "http://id.example.com",
            "http://10.0.0.1",
            "file:///etc/passwd",
            "http://127.0.0.1.example.com",
            "https://",
            "https://ada:hunter2@id.example.com",
            "http://ada@localhost",
        ] {
            let refused = trusted(bad).unwrap_err();
            assert!(!refused.contains("ada"), "{bad}: {refused}");
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        let uri: Uri = "https://id.example.com:8443/keys?key=hunter2".parse().unwrap();
        let failed = FetchError::Status { uri, status: StatusCode::NOT_FOUND };
        assert_eq!(failed.to_string(), "https://id.example.com:8443/keys answers 404 Not Found");
    }
}
