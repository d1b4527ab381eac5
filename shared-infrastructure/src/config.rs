//! The command line and the environment: groups of flags that both services share, each with an environment variable of
//! the same name in upper snake case, and what happens to a value that cannot be used.
//!
//! Flags that only one service has stand in that service's own configuration.

mod auth;
mod batch;
mod calls;
mod connections;
mod database;
mod listen;
mod log;
mod migration;
mod nats;
mod ops;
mod parse;
mod runtime;
mod tls;

use std::{fs, path::Path};

use secrecy::SecretString;

pub use auth::{AuthArgs, AuthProvider, MtlsArgs, OidcArgs};
pub use batch::BatchArgs;
pub use calls::CallArgs;
pub use connections::ConnectionArgs;
pub use database::{DatabaseArgs, DatabaseUrlArgs, duration};
pub use listen::ListenArgs;
pub use log::{LogArgs, LogFormat};
pub use migration::MigrationArgs;
pub use nats::NatsUrlArgs;
pub use ops::{OpsAddress, OpsArgs};
pub use parse::{Refusal, parse, parse_from};
pub use runtime::RuntimeArgs;
pub use tls::{ClientAuth, DatabaseTlsArgs, TlsArgs};

/// The text of a file that holds a secret, without the space around it.
///
/// # Errors
/// [`ConfigError`] about `flag` if it cannot be read.
pub fn secret_file(flag: &'static str, path: &Path) -> Result<SecretString, ConfigError> {
    let text = fs::read_to_string(path);
    let text = text.map_err(|error| ConfigError::new(flag, format!("{}: {error}", path.display())))?;
    Ok(text.trim().into())
}

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
