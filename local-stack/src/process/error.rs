//! What can go wrong with a service's process.

use std::{io, path::PathBuf, process::ExitStatus};

/// Why a service's process could not be started, watched or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Its program is not there.
    #[error(
        "{name} is not built: there is no {program}; run `make build`, or `cargo build -p {name}` with the same profile"
    )]
    NotBuilt {
        /// The service.
        name: &'static str,
        /// Where its program should be.
        program: PathBuf,
    },
    /// It ended before it was healthy.
    #[error("{name} ended with {status} while starting:\n{output}")]
    Exited {
        /// The service.
        name: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The end of its output.
        output: String,
    },
    /// It is still not healthy.
    #[error("{name} was not healthy after {seconds} s:\n{output}")]
    NotReady {
        /// The service.
        name: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// The end of its output.
        output: String,
    },
    /// An operation on its process failed.
    #[error("{name} could not be run or waited for")]
    Io {
        /// The service.
        name: &'static str,
        /// Why.
        source: io::Error,
    },
}
