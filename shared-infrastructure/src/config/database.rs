//! Where the database is and how patient the service is with it.

use std::{fs, path::PathBuf, time::Duration};

use clap::{ArgMatches, Args};
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::SslMode;

use super::ConfigError;

/// The flags that say where the database is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseUrlArgs {
    /// URL of the PostgreSQL database, such as `postgres://orders@localhost:5432/orders`. With a password in it, it is
    /// taken from the environment or from a file only. Connections are not encrypted: `sslmode=require` is refused
    #[arg(long, env, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,

    /// File that holds the URL, in place of `--database-url`
    #[arg(long, env, value_name = "PATH")]
    pub database_url_file: Option<PathBuf>,
}

/// The flags of the PostgreSQL connection pool.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArgs {
    /// Where the database is.
    #[command(flatten)]
    pub url: DatabaseUrlArgs,

    /// Most connections that this process opens
    #[arg(long, env, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub database_pool_size: u16,

    /// How long a call waits for a free connection
    #[arg(long, env, value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub database_pool_timeout: Duration,

    /// How long opening a connection may take
    #[arg(long, env, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub database_connect_timeout: Duration,

    /// How long one statement may run
    #[arg(long, env, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub database_statement_timeout: Duration,

    /// How long one statement may wait for a lock
    #[arg(long, env, value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub database_lock_timeout: Duration,

    /// How long a transaction may stay open without a statement running in it
    #[arg(long, env, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub database_idle_transaction_timeout: Duration,
}

impl DatabaseArgs {
    /// How long to wait for the answer to a statement: longer than PostgreSQL lets it run, so that only one who is stuck is given
    /// up.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.database_statement_timeout + Duration::from_secs(1)
    }
}

impl DatabaseUrlArgs {
    pub(super) const URL_ID: &str = "database_url";
    pub(super) const URL_FLAG: &str = "--database-url";

    /// Where and as whom to connect, checked.
    ///
    /// # Errors
    /// [`ConfigError`] if no URL was given or two, the file cannot be read, or the URL cannot be used. The URL itself
    /// is in none of them.
    pub fn connection(&self) -> Result<tokio_postgres::Config, ConfigError> {
        let given = self.database_url.as_ref().filter(|url| !url.expose_secret().is_empty());
        let (flag, url) = match (given, &self.database_url_file) {
            (Some(url), None) => (Self::URL_FLAG, url.clone()),
            (None, Some(path)) => ("--database-url-file", read(path)?),
            (None, None) => {
                let problem = "required; or --database-url-file, or the environment variable of either";
                return Err(ConfigError::new(Self::URL_FLAG, problem));
            }
            (Some(_), Some(_)) => {
                return Err(ConfigError::new(
                    Self::URL_FLAG,
                    "give either this or --database-url-file, not both",
                ));
            }
        };
        parse_url(flag, url.expose_secret())
    }

    /// Whether the URL that was given has a password in it, or cannot be told apart from one that has.
    pub(super) fn url_has_password(matches: &ArgMatches) -> bool {
        let url = matches.get_one::<SecretString>(Self::URL_ID).map(ExposeSecret::expose_secret);
        url.is_some_and(|url| match url.parse::<tokio_postgres::Config>() {
            Ok(config) => config.get_password().is_some(),
            Err(_) => false,
        })
    }
}

fn read(path: &PathBuf) -> Result<SecretString, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|error| ConfigError::new("--database-url-file", format!("{}: {error}", path.display())))?;
    Ok(text.trim().into())
}

fn parse_url(flag: &'static str, url: &str) -> Result<tokio_postgres::Config, ConfigError> {
    let no_tls =
        || ConfigError::new(flag, "sslmode: connections are not encrypted; use sslmode=disable or prefer");
    // The driver's own message may quote a part of the URL.
    let config: tokio_postgres::Config = url.parse().map_err(|_| {
        if url.contains("sslmode=verify") {
            return no_tls();
        }
        let problem = "not a PostgreSQL URL of the form postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE \
                       (special characters in the password are percent-encoded)";
        ConfigError::new(flag, problem)
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(no_tls());
    }
    if config.get_hosts().is_empty() {
        return Err(ConfigError::new(flag, "the URL names no host"));
    }
    Ok(config)
}

/// A time from a millisecond to an hour, such as `250ms` or `5s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let time =
        humantime::parse_duration(text).map_err(|_| "expected a time such as 250ms or 5s".to_owned())?;
    if (Duration::from_millis(1)..=Duration::from_secs(3600)).contains(&time) {
        return Ok(time);
    }
    Err("must be between 1ms and 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_cannot_be_used_are_refused_without_being_quoted() {
        for (url, expected) in [
            ("postgres://u:hunter2@h/db?sslmode=require", "not encrypted"),
            ("postgres://u:hunter2@h/db?sslmode=verify-full", "not encrypted"),
            ("postgres://u:hunter2@h:port/db", "not a PostgreSQL URL"),
            ("hunter2", "not a PostgreSQL URL"),
            ("postgres:///db", "no host"),
        ] {
            let error = parse_url("--database-url", url).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{url}: {error}");
        }
        assert!(parse_url("--database-url", "postgres://u:hunter2@h/db").is_ok());
        assert!(parse_url("--database-url", "postgres://postgres@localhost/db?host=/tmp/socket").is_ok());
    }

    #[test]
    fn times_have_bounds() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for bad in ["", "5", "0s", "2h", "-1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
