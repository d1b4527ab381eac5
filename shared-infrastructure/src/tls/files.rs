//! What stands in PEM files.

use std::{fs, path::Path};

use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{Error, PemObject},
};
use tokio_rustls::rustls::RootCertStore;

use crate::config::ConfigError;

/// A file that a flag names, with what was in it when it was read.
pub(crate) struct PemFile {
    flag: &'static str,
    path: String,
    bytes: Vec<u8>,
}

impl PemFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] about `flag` if that cannot be done.
    pub(crate) fn read(flag: &'static str, path: &Path) -> Result<Self, ConfigError> {
        let shown = path.display().to_string();
        match fs::read(path) {
            Ok(bytes) => Ok(Self { flag, path: shown, bytes }),
            Err(error) => Err(ConfigError::new(flag, format!("{shown}: {error}"))),
        }
    }

    /// Its bytes, to be compared.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// An error about it.
    pub(crate) fn refuse(&self, problem: impl std::fmt::Display) -> ConfigError {
        ConfigError::new(self.flag, format!("{}: {problem}", self.path))
    }

    /// Its certificates: at least one.
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
        let all: Result<Vec<_>, Error> = CertificateDer::pem_slice_iter(&self.bytes).collect();
        match all {
            Ok(all) if !all.is_empty() => Ok(all),
            _ => Err(self.refuse("not a PEM file with certificates")),
        }
    }

    /// Its private key.
    pub(crate) fn private_key(&self) -> Result<PrivateKeyDer<'static>, ConfigError> {
        // The error could quote a line of the file.
        PrivateKeyDer::from_pem_slice(&self.bytes)
            .map_err(|_| self.refuse("not a PEM file with a private key that has no passphrase"))
    }

    /// The authorities that it names.
    pub(crate) fn authorities(&self) -> Result<RootCertStore, ConfigError> {
        let mut authorities = RootCertStore::empty();
        for certificate in self.certificates()? {
            authorities.add(certificate).map_err(|error| self.refuse(error))?;
        }
        Ok(authorities)
    }
}
