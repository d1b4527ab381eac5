//! What ends a run of the load generator.

use std::io;

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// An answer was not OK.
    #[error("{path} was answered with gRPC status {code}: {message}")]
    Refused {
        /// The method.
        path: &'static str,
        /// The number of the status.
        code: String,
        /// What the service said.
        message: String,
    },
    /// An answer ended without a gRPC status.
    #[error("{path} was answered without a gRPC status: {headers}")]
    NoStatus {
        /// The method.
        path: &'static str,
        /// The headers that ended the answer.
        headers: String,
    },
    /// The other side spoke HTTP/2 in a way that the generator does not understand, or ended a stream or the connection.
    #[error("the service broke HTTP/2 off: {0}")]
    Protocol(String),
    /// No answer came for a long time.
    #[error("{open} calls have had no answer for {seconds} s")]
    Silence {
        /// Calls under way.
        open: usize,
        /// How long nothing came.
        seconds: u64,
    },
    /// A socket failed.
    #[error("a connection failed")]
    Io(#[from] io::Error),
}
