//! Whether and as whom to migrate.

use std::path::PathBuf;

use clap::{ArgMatches, Args, builder::BoolishValueParser};
use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, DatabaseUrlArgs, secret_file};
use crate::database::Config;

/// The flags of a migration ahead of the service.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct MigrationArgs {
    /// Bring the database schema up to date first; without it, the service refuses to start on a schema that is behind
    #[arg(long, env, value_parser = BoolishValueParser::new(), help_heading = None)]
    pub migrate: bool,

    /// With `--migrate`: the URL of the same database for the role that owns the schema, so that the service itself works with a
    /// role that cannot change it; `--database-url` if not given
    #[arg(long, env, value_name = "URL", hide_env_values = true)]
    pub migration_database_url: Option<SecretString>,

    /// File that holds that URL, in place of `--migration-database-url`
    #[arg(long, env, value_name = "PATH")]
    pub migration_database_url_file: Option<PathBuf>,
}

impl MigrationArgs {
    pub(super) const URL_ID: &str = "migration_database_url";
    pub(super) const URL_FLAG: &str = "--migration-database-url";

    /// Where and as whom to migrate a database; none if that is not wanted.
    ///
    /// # Errors
    /// As [`DatabaseUrlArgs::connection`].
    pub fn connection(&self, database: &DatabaseUrlArgs) -> Result<Option<Config>, ConfigError> {
        if !self.migrate {
            return Ok(None);
        }
        let given = self.migration_database_url.as_ref().filter(|url| !url.expose_secret().is_empty());
        let (flag, url) = match (given, &self.migration_database_url_file) {
            (None, None) => return database.connection().map(Some),
            (Some(url), None) => (Self::URL_FLAG, url.clone()),
            (None, Some(path)) => {
                let flag = "--migration-database-url-file";
                (flag, secret_file(flag, path)?)
            }
            (Some(_), Some(_)) => {
                let problem = "give either this or --migration-database-url-file, not both";
                return Err(ConfigError::new(Self::URL_FLAG, problem));
            }
        };
        Config::parse(flag, url.expose_secret(), &database.tls).map(Some)
    }

    /// Whether the URL that was given has a password in it.
    pub(super) fn url_has_password(matches: &ArgMatches) -> bool {
        let url = matches.get_one::<SecretString>(Self::URL_ID).map(ExposeSecret::expose_secret);
        url.is_some_and(Config::has_password)
    }
}
