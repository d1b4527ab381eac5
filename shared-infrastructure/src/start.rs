//! How a service process starts and ends: the runtime, the ready line, the exit codes.

use std::{future::Future, io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use tokio::runtime::Builder;

use crate::{
    config::{AuthArgs, AuthProvider, ConfigError},
    open_files,
};

/// Exit code for a failure while running.
pub const EXIT_FAILURE: u8 = 1;
/// Exit code for a wrong command line or configuration.
pub const EXIT_USAGE: u8 = 2;
/// Exit code for a database whose schema lacks migrations.
pub const EXIT_SCHEMA_BEHIND: u8 = 3;

/// How long work that was left over may hold up the end of the process.
const LEFTOVER_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a service did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The schema lacks migrations that this program needs.
    #[error(
        "the database schema is behind by {}; run `command-service migrate`, or start command-service with --migrate",
        pending.join(", ")
    )]
    SchemaBehind {
        /// The missing migrations, in their order.
        pending: Vec<String>,
    },
    /// Anything else, such as a database out of reach.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

impl From<std::io::Error> for StartError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl StartError {
    /// The exit code that tells a script what went wrong.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => EXIT_USAGE,
            Self::SchemaBehind { .. } => EXIT_SCHEMA_BEHIND,
            Self::Failed(_) => EXIT_FAILURE,
        }
    }
}

/// Runs a whole process: its runtime with so many threads, its work, one line on stderr if that fails.
pub fn run(threads: usize, work: impl Future<Output = Result<(), StartError>>) -> ExitCode {
    open_files::raise_limit();
    let runtime = Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let result = runtime.map_err(|error| StartError::Failed(error.into())).and_then(|runtime| {
        let result = runtime.block_on(work);
        runtime.shutdown_timeout(LEFTOVER_TIMEOUT);
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            eprintln!("error: {line}");
            error.exit_code().into()
        }
    }
}

/// Says on stdout where the operations listener is.
pub fn announce_ops(service: &str, address: SocketAddr) {
    let _reader_gone = writeln!(std::io::stdout(), "{service} operations on http://{address}");
}

/// Says on stdout, and in the log, that the service takes calls, and in the log whether from anybody.
pub fn announce_ready(service: &str, address: SocketAddr, auth: &AuthArgs) {
    tracing::info!(%address, "{service} ready");
    if auth.auth_provider.contains(&AuthProvider::None) {
        tracing::warn!(%address, "whoever reaches the address may do everything: --auth-provider is `none`");
    }
    // Whoever started the service may have closed the pipe: no reason to stop serving.
    let _reader_gone = writeln!(std::io::stdout(), "{service} ready on {address}");
}
