//! The command line of query-service.

use clap::{Args, Parser, Subcommand};
use shared_infrastructure::config::{AuthArgs, DatabaseArgs, ListenArgs, LogArgs};

/// Serves orders as they are and as they were, over gRPC, and changes nothing.
#[derive(Debug, Parser)]
#[command(name = "query-service", version, flatten_help = true, arg_required_else_help = false)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve reads until told to stop
    Serve(ServeConfig),
}

/// The configuration of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeConfig {
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArgs<50052>,
    /// Who may call.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}
