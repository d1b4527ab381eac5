//! The files of a listener's TLS, followed while they change.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{sync::watch, task::spawn_blocking, time::sleep};
use tokio_rustls::rustls::{
    self, ServerConfig,
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
};

use x509_parser::{certificate::X509Certificate, prelude::FromDer, time::ASN1Time};

use super::{files::PemFile, provider};
use crate::config::{ClientAuth, ConfigError, TlsArgs};

/// How often the files are looked at. They are read whole, since what they are links to may change rather than they themselves.
const PAUSE: Duration = Duration::from_secs(2);

const CERTIFICATE: &str = "--tls-certificate-file";
const KEY: &str = "--tls-key-file";
const CLIENT_CA: &str = "--tls-client-ca-file";

/// Where the files are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
    client_auth: ClientAuth,
}

impl Files {
    /// The files that the flags name; none if TLS is not configured.
    pub(super) fn of(config: &TlsArgs) -> Result<Option<Self>, ConfigError> {
        let lacks = |flag, other| Err(ConfigError::new(flag, format!("required with {other}")));
        if config.tls_client_auth == ClientAuth::Required && config.tls_client_ca_file.is_none() {
            return lacks(CLIENT_CA, "--tls-client-auth required");
        }
        match (&config.tls_certificate_file, &config.tls_key_file, &config.tls_client_ca_file) {
            (Some(certificate), Some(key), client_ca) => Ok(Some(Self {
                certificate: certificate.clone(),
                key: key.clone(),
                client_ca: client_ca.clone(),
                client_auth: config.tls_client_auth,
            })),
            (Some(_), None, _) => lacks(KEY, CERTIFICATE),
            (None, Some(_), _) => lacks(CERTIFICATE, KEY),
            (None, None, Some(_)) => lacks(CERTIFICATE, CLIENT_CA),
            (None, None, None) => Ok(None),
        }
    }

    /// What they make, and what they make when they have changed, until nobody asks any more.
    pub(super) fn follow(self) -> Result<watch::Receiver<Arc<ServerConfig>>, ConfigError> {
        let read = self.read();
        let texts = read.as_ref().map_err(Clone::clone)?;
        let (current, receiver) = watch::channel(texts.config()?);
        if let Err(error) = texts.ensure_unexpired() {
            tracing::warn!(%error, "clients that check it will not connect");
        }
        tokio::spawn(self.keep_up(current, read));
        Ok(receiver)
    }

    /// Reads the files again and again. What is found that is no use is said once.
    async fn keep_up(self, current: watch::Sender<Arc<ServerConfig>>, mut last: Result<Texts, ConfigError>) {
        loop {
            tokio::select! {
                () = sleep(PAUSE) => {}
                () = current.closed() => return,
            }
            let files = self.clone();
            let Ok(read) = spawn_blocking(move || files.read()).await else { return };
            if read == last {
                continue;
            }
            let config = |texts: &Texts| texts.ensure_unexpired().and_then(|()| texts.config());
            match read.as_ref().map_err(Clone::clone).and_then(config) {
                Ok(config) => {
                    current.send_replace(config);
                    tracing::info!("the files of TLS changed: new connections use them");
                }
                Err(error) => {
                    tracing::warn!(%error, "the files of TLS changed and are of no use: the ones before stay in use")
                }
            }
            last = read;
        }
    }

    fn read(&self) -> Result<Texts, ConfigError> {
        let client_ca = self.client_ca.as_ref().map(|path| PemFile::read(CLIENT_CA, path)).transpose()?;
        Ok(Texts {
            certificate: PemFile::read(CERTIFICATE, &self.certificate)?,
            key: PemFile::read(KEY, &self.key)?,
            client_ca,
            client_auth: self.client_auth,
        })
    }
}

/// What is in the files.
struct Texts {
    certificate: PemFile,
    key: PemFile,
    client_ca: Option<PemFile>,
    client_auth: ClientAuth,
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        let bytes = |texts: &Self| {
            let client_ca = texts.client_ca.as_ref().map(|file| file.bytes().to_owned());
            (texts.certificate.bytes().to_owned(), texts.key.bytes().to_owned(), client_ca)
        };
        bytes(self) == bytes(other)
    }
}

impl Texts {
    fn config(&self) -> Result<Arc<ServerConfig>, ConfigError> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .map_err(|error| self.key.refuse(error))?;
        let builder = match &self.client_ca {
            Some(authorities) => builder.with_client_cert_verifier(self.verifier(authorities)?),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(self.certificate.certificates()?, self.key.private_key()?)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    self.key.refuse(format!("not the key of {CERTIFICATE}"))
                }
                rustls::Error::InvalidCertificate(_) => self.certificate.refuse(error),
                error => self.key.refuse(error),
            })?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        // A session that goes on would be believed for what its first connection showed. Connections live long: nobody misses it.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    /// Makes sure that the certificate is one that clients may still take.
    fn ensure_unexpired(&self) -> Result<(), ConfigError> {
        let certificates = self.certificate.certificates()?;
        let own = certificates.first().and_then(|own| X509Certificate::from_der(own).ok());
        match own.map(|(_, own)| own.validity.not_after) {
            Some(end) if end < ASN1Time::now() => Err(self.certificate.refuse(format!("expired on {end}"))),
            _ => Ok(()),
        }
    }

    fn verifier(&self, authorities: &PemFile) -> Result<Arc<dyn ClientCertVerifier>, ConfigError> {
        let roots = Arc::new(authorities.authorities()?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
        let verifier = match self.client_auth {
            ClientAuth::Optional => verifier.allow_unauthenticated(),
            ClientAuth::Required => verifier,
        };
        verifier.build().map_err(|error| authorities.refuse(error))
    }
}
