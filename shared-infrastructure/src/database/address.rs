//! Where a database is, and what the way there is encrypted with.

use std::{fmt, ops::Deref, path::Path, str::FromStr};

use percent_encoding::percent_decode_str;
use rustls_native_certs::load_native_certs;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::RootCertStore;

use crate::{
    config::{ConfigError, DatabaseTlsArgs},
    tls::{Checks, Identity, PemFile, connector},
};

const FLAG: &str = "--database-url";
const CA_FLAG: &str = "--database-tls-ca-file";
const CERTIFICATE_FLAG: &str = "--database-tls-certificate-file";
const KEY_FLAG: &str = "--database-tls-key-file";

/// Where and as whom to connect; parsed from a URL.
#[derive(Clone)]
pub struct Config {
    pub(super) driver: tokio_postgres::Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Config {
    /// Reads the URL that `flag` gave. Its `sslmode` may also be `verify-ca` and `verify-full`, and `sslrootcert`, `sslcert` and
    /// `sslkey` stand for the flags, if those are not given.
    ///
    /// # Errors
    /// [`ConfigError`] if it is none, names no host, or asks for TLS with files that cannot be used. It does not quote the URL.
    pub fn parse(flag: &'static str, url: &str, tls: &DatabaseTlsArgs) -> Result<Self, ConfigError> {
        let url = Url::split(url);
        // The driver's own message may quote a part of the URL.
        let mut driver: tokio_postgres::Config = url.rest.parse().map_err(|_| {
            let problem = "not a PostgreSQL URL of the form postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE \
                           (special characters in the password are percent-encoded, and sslmode is one of disable, \
                           prefer, require, verify-ca and verify-full)";
            ConfigError::new(flag, problem)
        })?;
        if driver.get_hosts().is_empty() {
            return Err(ConfigError::new(flag, "the URL names no host"));
        }
        if url.modes > 1 {
            return Err(ConfigError::new(flag, "the URL has sslmode more than once"));
        }
        let checks = url.checks(driver.get_ssl_mode(), tls)?;
        let identity = url.identity(tls)?;
        // Sockets lead to this machine, and servers do not encrypt there.
        if driver.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) {
            driver.ssl_mode(SslMode::Disable);
        }
        let tls = connector(checks, identity)
            .map_err(|error| ConfigError::new(KEY_FLAG, format!("not a key of the certificate: {error}")))?;
        Ok(Self { driver, tls })
    }

    /// Whether a URL has a password in it.
    pub(crate) fn has_password(url: &str) -> bool {
        let driver = Url::split(url).rest.parse::<tokio_postgres::Config>();
        driver.is_ok_and(|driver| driver.get_password().is_some())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.driver.fmt(formatter)
    }
}

impl FromStr for Config {
    type Err = ConfigError;

    fn from_str(url: &str) -> Result<Self, ConfigError> {
        Self::parse(FLAG, url, &DatabaseTlsArgs::default())
    }
}

impl Deref for Config {
    type Target = tokio_postgres::Config;

    fn deref(&self) -> &tokio_postgres::Config {
        &self.driver
    }
}

/// A URL without what the driver does not know.
#[derive(Default)]
struct Url {
    rest: String,
    /// How often it says how to encrypt.
    modes: usize,
    verify: Option<Verify>,
    authorities: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verify {
    Authority,
    AuthorityAndName,
}

impl Url {
    fn split(url: &str) -> Self {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
        let Some((place, query)) = url.split_once('?').filter(|_| is_url) else {
            return Self { rest: url.to_owned(), ..Self::default() };
        };
        let mut split = Self::default();
        let rest: Vec<_> = query.split('&').filter_map(|pair| split.take(pair)).collect();
        split.rest = format!("{place}?{}", rest.join("&"));
        split
    }

    /// Takes what is ours out of a parameter, and leaves the driver the rest.
    fn take<'u>(&mut self, pair: &'u str) -> Option<&'u str> {
        let (name, value) = pair.split_once('=')?;
        self.modes += usize::from(name == "sslmode");
        let path = || Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
        match (name, value) {
            ("sslmode", "verify-ca") => self.verify = Some(Verify::Authority),
            ("sslmode", "verify-full") => self.verify = Some(Verify::AuthorityAndName),
            ("sslrootcert", _) => self.authorities = path(),
            ("sslcert", _) => self.certificate = path(),
            ("sslkey", _) => self.key = path(),
            _ => return Some(pair),
        }
        self.verify.filter(|_| name == "sslmode").map(|_| "sslmode=require")
    }

    fn checks(&self, mode: SslMode, tls: &DatabaseTlsArgs) -> Result<Checks, ConfigError> {
        let file = file(CA_FLAG, tls.database_tls_ca_file.as_deref(), self.authorities.as_deref())?;
        let authorities = file.map(|file| file.authorities()).transpose()?;
        match (self.verify, mode, authorities) {
            (None, SslMode::Require, Some(authorities)) => Ok(Checks::Authority(authorities)),
            (None, _, Some(_)) => {
                let problem = "says whom to trust, but the URL asks nobody for a certificate; add sslmode=verify-full to it";
                Err(ConfigError::new(CA_FLAG, problem))
            }
            (None, _, None) => Ok(Checks::Nothing),
            (Some(verify), _, authorities) => {
                let authorities = authorities.map_or_else(of_this_machine, Ok)?;
                Ok(match verify {
                    Verify::Authority => Checks::Authority(authorities),
                    Verify::AuthorityAndName => Checks::AuthorityAndName(authorities),
                })
            }
        }
    }

    fn identity(&self, tls: &DatabaseTlsArgs) -> Result<Option<Identity>, ConfigError> {
        let certificate = tls.database_tls_certificate_file.as_deref();
        let certificate = file(CERTIFICATE_FLAG, certificate, self.certificate.as_deref())?;
        let key = file(KEY_FLAG, tls.database_tls_key_file.as_deref(), self.key.as_deref())?;
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate.certificates()?, key.private_key()?))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(ConfigError::new(KEY_FLAG, format!("required with {CERTIFICATE_FLAG}"))),
            (None, Some(_)) => Err(ConfigError::new(CERTIFICATE_FLAG, format!("required with {KEY_FLAG}"))),
        }
    }
}

/// The file that the flag names, or else the URL.
fn file(
    flag: &'static str,
    given: Option<&Path>,
    in_url: Option<&str>,
) -> Result<Option<PemFile>, ConfigError> {
    given.or(in_url.map(Path::new)).map(|path| PemFile::read(flag, path)).transpose()
}

fn of_this_machine() -> Result<RootCertStore, ConfigError> {
    let mut authorities = RootCertStore::empty();
    let (usable, _) = authorities.add_parsable_certificates(load_native_certs().certs);
    if usable == 0 {
        return Err(ConfigError::new(CA_FLAG, "required: this machine trusts no authority"));
    }
    Ok(authorities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_cannot_be_used_are_refused_without_being_quoted() {
        for (url, expected) in [
            ("postgres://u:hunter2@h/db?sslmode=allow", "sslmode is one of"),
            ("postgres://u:hunter2@h/db?sslmode=verify-none", "sslmode is one of"),
            ("postgres://u:hunter2@h:port/db", "not a PostgreSQL URL"),
            ("hunter2", "not a PostgreSQL URL"),
            ("postgres:///db", "no host"),
            ("postgres://u:hunter2@h/db?sslmode=verify-full&sslrootcert=%2Fno%20where", "/no where"),
            ("postgres://u:hunter2@h/db?sslmode=verify-full&sslrootcert=/dev/null", "with certificates"),
            ("postgres://u:hunter2@h/db?sslcert=/dev/null", "--database-tls-key-file: required"),
        ] {
            let error = Config::parse(FLAG, url, &DatabaseTlsArgs::default()).err().unwrap().to_string();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{url}: {error}");
        }
        for url in ["postgres://u:hunter2@h/db", "postgres://postgres@localhost/db?host=/tmp/socket"] {
            assert!(url.parse::<Config>().is_ok(), "{url}");
        }
    }

    #[test]
    fn what_the_driver_does_not_know_is_taken_out_of_the_url() {
        let url =
            Url::split("postgres://u@h/db?a=b&sslmode=verify-full&sslrootcert=%2Fca.pem&options=-c%20x%3D1");
        assert_eq!(url.rest, "postgres://u@h/db?a=b&sslmode=require&options=-c%20x%3D1");
        assert!(
            url.verify == Some(Verify::AuthorityAndName) && url.authorities.as_deref() == Some("/ca.pem")
        );
        for same in ["postgres://u@h/db", "postgres://u@h/db?sslmode=prefer", "host=a sslmode=disable"] {
            assert_eq!(Url::split(same).rest, same);
        }
    }

    #[test]
    fn what_would_take_back_what_was_asked_for_is_refused() {
        let twice = "postgres://u@h/db?sslmode=verify-full&sslmode=disable".parse::<Config>();
        assert!(twice.err().unwrap().to_string().contains("more than once"));
    }

    #[test]
    fn a_password_is_seen_whatever_the_url_says_of_tls() {
        for tls in ["", "?sslmode=require", "?sslmode=verify-full&sslrootcert=/ca.pem"] {
            assert!(Config::has_password(&format!("postgres://u:hunter2@h/db{tls}")), "{tls}");
            assert!(!Config::has_password(&format!("postgres://u@h/db{tls}")), "{tls}");
        }
    }

    #[test]
    fn sockets_are_not_encrypted() {
        let mode = |url: &str| url.parse::<Config>().unwrap().get_ssl_mode();
        assert_eq!(mode("postgres://u@%2Ftmp/db?sslmode=require"), SslMode::Disable);
        assert_eq!(mode("postgres://u@h/db?sslmode=require"), SslMode::Require);
        assert_eq!(mode("postgres://u@h/db"), SslMode::Prefer);
    }
}
