//! The command line of query-service.

use clap::{Args, Parser, Subcommand};
use shared_infrastructure::config::{AuthArgs, BatchArgs, DatabaseArgs, ListenArgs, LogArgs, RuntimeArgs};

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
    /// How calls share statements.
    #[command(flatten)]
    pub batch: BatchArgs,

    /// Most statements at a time that read orders by their ids, and most that read customers' pages
    #[arg(long, env, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=100))]
    #[arg(help_heading = "Batching")]
    pub read_lanes: u16,

    /// How much of the machine to use.
    #[command(flatten)]
    pub runtime: RuntimeArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}
