//! The command line and the environment: groups of flags that both services share, each with an environment variable of
//! the same name in upper snake case, and what happens to a value that cannot be used.
//!
//! Flags that only one service has stand in that service's own configuration.

mod auth;
mod batch;
mod database;
mod listen;
mod log;
mod parse;
mod runtime;

pub use auth::{AuthArgs, AuthProvider};
pub use batch::BatchArgs;
pub use database::{DatabaseArgs, DatabaseUrlArgs};
pub use listen::ListenArgs;
pub use log::{LogArgs, LogFormat};
pub use parse::{Refusal, parse, parse_from};
pub use runtime::RuntimeArgs;

/// A configuration that the service cannot start with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{flag}: {problem}")]
pub struct ConfigError {
    /// The flag to change, such as `--database-url`.
    pub flag: &'static str,
    /// What is wrong with it; never a secret.
    pub problem: String,
}

impl ConfigError {
    /// An error about `flag`.
    #[must_use]
    pub fn new(flag: &'static str, problem: impl Into<String>) -> Self {
        Self { flag, problem: problem.into() }
    }
}
