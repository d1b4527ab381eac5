//! Where NATS is.

use std::path::PathBuf;

use clap::{ArgMatches, Args};
use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, secret_file};

/// The flags that say where NATS is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Relay")]
pub struct NatsUrlArgs {
    /// URLs of the NATS servers, with commas between them, such as `nats://localhost:4222`; `tls://` for TLS. With a user or a
    /// token in it, it is taken from the environment or from a file only
    #[arg(long, env, value_name = "URLS", hide_env_values = true)]
    pub nats_url: Option<SecretString>,

    /// File that holds the URLs, in place of `--nats-url`
    #[arg(long, env, value_name = "PATH")]
    pub nats_url_file: Option<PathBuf>,
}

impl NatsUrlArgs {
    pub(super) const URL_ID: &str = "nats_url";
    /// The flag that errors about the URLs name.
    pub const URL_FLAG: &str = "--nats-url";

    /// The URLs; none if there are none.
    ///
    /// # Errors
    /// [`ConfigError`] if they were given twice, or the file cannot be read.
    pub fn urls(&self) -> Result<Option<SecretString>, ConfigError> {
        let given = self.nats_url.as_ref().filter(|urls| !urls.expose_secret().is_empty());
        match (given, &self.nats_url_file) {
            (Some(_), Some(_)) => {
                Err(ConfigError::new(Self::URL_FLAG, "give either this or --nats-url-file, not both"))
            }
            (Some(urls), None) => Ok(Some(urls.clone())),
            (None, Some(path)) => secret_file("--nats-url-file", path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Whether a URL that was given says who connects: with a password, or with a token in the user's place.
    pub(super) fn url_has_user(matches: &ArgMatches) -> bool {
        let urls = matches.get_one::<SecretString>(Self::URL_ID).map(ExposeSecret::expose_secret);
        urls.is_some_and(|urls| urls.contains('@'))
    }
}
