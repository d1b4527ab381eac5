//! Reads the command line; refuses in one line.

use std::{ffi::OsString, io::Write};

use clap::{ArgMatches, Parser, parser::ValueSource};

use super::{ConfigError, DatabaseUrlArgs, MigrationArgs, NatsUrlArgs};
use crate::start::EXIT_USAGE;

/// The process's command line and environment. Prints what was asked for (`--help`) or what is wrong, and ends the
/// process, where there is nothing to go on with.
#[must_use]
pub fn parse<C: Parser>() -> C {
    parse_from(std::env::args_os()).unwrap_or_else(|refusal| match refusal {
        Refusal::Shown(text) => {
            let _closed_early = std::io::stdout().write_all(text.as_bytes());
            std::process::exit(0)
        }
        Refusal::Invalid(line) => {
            eprintln!("error: {line}");
            std::process::exit(EXIT_USAGE.into())
        }
    })
}

/// Why there is no configuration to go on with.
#[derive(Debug)]
pub enum Refusal {
    /// Help or the version was asked for: the text.
    Shown(String),
    /// Something is wrong: one line that names the flag.
    Invalid(String),
}

/// [`parse`] for given arguments, the program's name first.
///
/// # Errors
/// [`Refusal`], which says what to print.
pub fn parse_from<C: Parser>(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<C, Refusal> {
    let matches = C::command().try_get_matches_from(arguments).map_err(refusal)?;
    refuse_password_argument(&matches).map_err(|error| Refusal::Invalid(error.to_string()))?;
    C::from_arg_matches(&matches).map_err(refusal)
}

fn refusal(error: clap::Error) -> Refusal {
    if !error.use_stderr() {
        return Refusal::Shown(error.to_string());
    }
    let text = error.to_string();
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    Refusal::Invalid(line.trim_start_matches("error: ").to_owned())
}

/// What stands on a command line can be read by every user of the machine.
fn refuse_password_argument(matches: &ArgMatches) -> Result<(), ConfigError> {
    if let Some((_, inner)) = matches.subcommand() {
        return refuse_password_argument(inner);
    }
    let refused = |flag, environment| {
        let problem = format!(
            "a URL with a password is refused on the command line; \
             give it in the environment variable {environment} or in a file named by {flag}-file"
        );
        Err(ConfigError::new(flag, problem))
    };
    let is_argument = |id| {
        matches.ids().any(|other| other == id) && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    if is_argument(DatabaseUrlArgs::URL_ID) && DatabaseUrlArgs::url_has_password(matches) {
        return refused(DatabaseUrlArgs::URL_FLAG, "DATABASE_URL");
    }
    if is_argument(MigrationArgs::URL_ID) && MigrationArgs::url_has_password(matches) {
        return refused(MigrationArgs::URL_FLAG, "MIGRATION_DATABASE_URL");
    }
    if is_argument(NatsUrlArgs::URL_ID) && NatsUrlArgs::url_has_user(matches) {
        return refused(NatsUrlArgs::URL_FLAG, "NATS_URL");
    }
    Ok(())
}
