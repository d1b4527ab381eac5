//! Where the database is and how patient the service is with it.

use std::{path::PathBuf, time::Duration};

use clap::{ArgMatches, Args};
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::SslMode;

use super::{ConfigError, secret_file};

/// The flags that say where the database is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseUrlArgs {
    /// URL of the PostgreSQL database, such as `postgres://orders@localhost:5432/orders`. With a password in it, it is
    /// taken from the environment or from a file only. Connections are not encrypted: `sslmode=require` is refused. Where standbys
    /// may be read too: the URLs of all databases of the cluster, separated by commas
    #[arg(long, env, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,

    /// File that holds the URL, in place of `--database-url`; several URLs have a line each
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
        let mut all = self.connections()?;
        match all.len() {
            1 => Ok(all.remove(0)),
            _ => Err(ConfigError::new(
                Self::URL_FLAG,
                "one database only: what is written goes to the primary",
            )),
        }
    }

    /// As [`DatabaseUrlArgs::connection`], for each database of a cluster: at least one.
    ///
    /// # Errors
    /// As there, but for several URLs.
    pub fn connections(&self) -> Result<Vec<tokio_postgres::Config>, ConfigError> {
        let given = self.database_url.as_ref().filter(|url| !url.expose_secret().is_empty());
        let (flag, url) = match (given, &self.database_url_file) {
            (Some(url), None) => (Self::URL_FLAG, url.clone()),
            (None, Some(path)) => ("--database-url-file", secret_file("--database-url-file", path)?),
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
        urls(url.expose_secret()).map(|url| parse_url(flag, url)).collect()
    }

    /// Whether the URL that was given has a password in it, or cannot be told apart from one that has.
    pub(super) fn url_has_password(matches: &ArgMatches) -> bool {
        let url = matches.get_one::<SecretString>(Self::URL_ID).map(ExposeSecret::expose_secret);
        let has_password = |url: &str| match url.parse::<tokio_postgres::Config>() {
            Ok(config) => config.get_password().is_some(),
            Err(_) => false,
        };
        url.is_some_and(|all| urls(all).any(has_password))
    }
}

/// The URLs in a list. A comma may also stand within one, between its hosts.
fn urls(list: &str) -> impl Iterator<Item = &str> {
    let starts = |at: usize| {
        let rest = list[at..].trim_start();
        rest.starts_with("postgres://") || rest.starts_with("postgresql://")
    };
    let commas = list.match_indices([',', '\n']).map(|(at, _)| at);
    let ends = commas.filter(move |at| starts(at + 1)).chain([list.len()]);
    let mut start = 0;
    ends.map(move |end| list[std::mem::replace(&mut start, end + 1)..end].trim())
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

/// A time from a millisecond to an hour, such as `250ms` or `5s`: reads the value of a flag.
///
/// # Errors
/// What is expected instead.
pub fn duration(text: &str) -> Result<Duration, String> {
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
    fn a_list_has_its_urls_between_commas_or_lines() {
        for (list, expected) in [
            ("postgres://a/db", vec!["postgres://a/db"]),
            ("postgres://a/db,postgresql://b/db", vec!["postgres://a/db", "postgresql://b/db"]),
            (
                "postgres://a/db\npostgres://b/db , postgres://c/db",
                vec!["postgres://a/db", "postgres://b/db", "postgres://c/db"],
            ),
            ("postgres://a,b/db,postgres://c/db", vec!["postgres://a,b/db", "postgres://c/db"]),
            ("host=a,b dbname=db", vec!["host=a,b dbname=db"]),
            ("postgres://a/db,nonsense", vec!["postgres://a/db,nonsense"]),
        ] {
            assert_eq!(urls(list).collect::<Vec<_>>(), expected, "{list}");
        }
    }

    #[test]
    fn whoever_writes_has_one_database() {
        let given = |list: &str| DatabaseUrlArgs { database_url: Some(list.into()), database_url_file: None };
        assert!(given("postgres://a/db").connection().is_ok());
        let two = given("postgres://a/db,postgres://b/db");
        assert_eq!(two.connections().unwrap().len(), 2);
        assert!(two.connection().unwrap_err().to_string().contains("one database only"));
        let second_is_bad = given("postgres://a/db,postgres://u:hunter2@b/db?sslmode=require");
        let error = second_is_bad.connections().unwrap_err().to_string();
        assert!(error.contains("not encrypted") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn times_have_bounds() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for bad in ["", "5", "0s", "2h", "-1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
