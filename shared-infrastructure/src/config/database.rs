//! Where the database is and how patient the service is with it.

use std::{path::PathBuf, time::Duration};

use clap::{ArgMatches, Args};
use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, DatabaseTlsArgs, secret_file};
use crate::database::Config;

/// The flags that say where the database is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseUrlArgs {
    /// URL of the PostgreSQL database, such as `postgres://orders@localhost:5432/orders`. With a password in it, it is
    /// taken from the environment or from a file only. Its `sslmode` may be `disable`, `prefer`, `require`, `verify-ca` or `verify-full`.
    /// Where standbys may be read too: the URLs of all databases of the cluster, separated by commas
    #[arg(long, env, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,

    /// File that holds the URL, in place of `--database-url`; several URLs have a line each
    #[arg(long, env, value_name = "PATH")]
    pub database_url_file: Option<PathBuf>,

    /// What connections are encrypted with.
    #[command(flatten)]
    pub tls: DatabaseTlsArgs,
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
    pub fn connection(&self) -> Result<Config, ConfigError> {
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
    pub fn connections(&self) -> Result<Vec<Config>, ConfigError> {
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
        urls(url.expose_secret()).map(|url| Config::parse(flag, url, &self.tls)).collect()
    }

    /// Whether the URL that was given has a password in it, or cannot be told apart from one that has.
    pub(super) fn url_has_password(matches: &ArgMatches) -> bool {
        let url = matches.get_one::<SecretString>(Self::URL_ID).map(ExposeSecret::expose_secret);
        url.is_some_and(|all| urls(all).any(Config::has_password))
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
        let given = |list: &str| DatabaseUrlArgs {
            database_url: Some(list.into()),
            database_url_file: None,
            tls: DatabaseTlsArgs::default(),
        };
        assert!(given("postgres://a/db").connection().is_ok());
        let two = given("postgres://a/db,postgres://b/db");
        assert_eq!(two.connections().unwrap().len(), 2);
        assert!(two.connection().unwrap_err().to_string().contains("one database only"));
        let second_is_bad = given("postgres://a/db,postgres://u:hunter2@b/db?sslmode=always");
        let error = second_is_bad.connections().unwrap_err().to_string();
        assert!(error.contains("sslmode is one of") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn times_have_bounds() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for bad in ["", "5", "0s", "2h", "-1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
