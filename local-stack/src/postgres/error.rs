//! What can go wrong with the local server.

use std::{io, path::PathBuf, process::ExitStatus};

/// Why the local PostgreSQL server could not be started, reached or stopped.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// There are no server programs on this machine, and they could not be brought.
    #[error(
        "no PostgreSQL server of version {least} or newer was found, and none could be downloaded ({reason}): install one \
         (`apt-get install postgresql` or `brew install postgresql@17`), or set PG_BIN to the folder of its programs"
    )]
    NotFound {
        /// The least major version that will do.
        least: u32,
        /// Why the download failed.
        reason: String,
    },
    /// `PG_BIN` names a folder without usable server programs.
    #[error("PG_BIN is {0}, but there is no PostgreSQL server of a usable version in that folder")]
    UnusablePgBin(PathBuf),
    /// The data folder was made by a major version that is not on this machine.
    #[error(
        "the data in {folder} was made by PostgreSQL {made_by}, which is not on this machine: install it, or remove the folder"
    )]
    OtherVersion {
        /// The data folder.
        folder: PathBuf,
        /// Its major version.
        made_by: u32,
    },
    /// Another process uses the data folder.
    #[error("another local stack uses {0}: stop it first, or name another data folder")]
    InUse(PathBuf),
    /// The account that a server started by root has to run as is missing.
    #[error("root cannot run PostgreSQL, and there is no user `postgres` or `nobody` to run it as")]
    NoAccount,
    /// No folder for the server's socket is short enough and within its reach.
    #[error(
        "no temporary folder is short enough for a socket and open to the server's user: set TMPDIR to one"
    )]
    NoSocketFolder,
    /// `initdb` failed.
    #[error("initdb failed with {status}:\n{output}")]
    Initdb {
        /// How it ended.
        status: ExitStatus,
        /// What it printed.
        output: String,
    },
    /// The data of a standby could not be copied.
    #[error("pg_basebackup failed with {status}:\n{output}")]
    Copy {
        /// How it ended.
        status: ExitStatus,
        /// What it printed.
        output: String,
    },
    /// The server ended before it was ready.
    #[error("the PostgreSQL server ended with {status} while starting:\n{log}")]
    Exited {
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The server is still not ready.
    #[error("the PostgreSQL server was not ready after {seconds} s:\n{log}")]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// The end of its log.
        log: String,
    },
    /// An operation on a file or a process failed.
    #[error("cannot {what}")]
    Io {
        /// What was tried, such as `create /x/y`.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A statement on the server failed.
    #[error("PostgreSQL refused `{statement}`")]
    Sql {
        /// The statement.
        statement: String,
        /// Why it failed.
        source: tokio_postgres::Error,
    },
    /// The migration of a template failed.
    #[error("the template database could not be migrated")]
    Migrate(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl PostgresError {
    /// Names what was tried, for `map_err`.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
