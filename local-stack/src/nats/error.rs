//! What can go wrong with the local NATS server.

use std::{io, net::SocketAddr, path::PathBuf, process::ExitStatus};

/// Why the local NATS server could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// There is no server on this machine, and it could not be brought.
    #[error(
        "no nats-server of version {least} or newer was found, and none could be downloaded ({reason}): install one, or set \
         NATS_SERVER to its program"
    )]
    NotFound {
        /// The least version that will do.
        least: &'static str,
        /// Why the download failed.
        reason: String,
    },
    /// `NATS_SERVER` names no usable program.
    #[error("NATS_SERVER is {0}, but that is no nats-server of a usable version")]
    UnusableProgram(PathBuf),
    /// Another process uses the folder.
    #[error("another local stack uses {0}: stop it first, or name another data folder")]
    InUse(PathBuf),
    /// Something listens there already.
    #[error("{0} is taken: give another address for NATS, or the URL of the server that is there")]
    AddressTaken(SocketAddr),
    /// The server ended before it was ready, or was not ready in time.
    #[error("nats-server did not start{}:\n{log}", status.map(|status| format!(" ({status})")).unwrap_or_default())]
    NotReady {
        /// How it ended, if it did.
        status: Option<ExitStatus>,
        /// The end of its log.
        log: String,
    },
    /// An operation on a file or a process failed.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl NatsError {
    /// Names what was tried, for `map_err`.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
