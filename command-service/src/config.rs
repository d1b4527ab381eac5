//! The command line of command-service.

mod projections;
mod relay;
mod relay_command;

use clap::{Args, Parser, Subcommand};
use shared_infrastructure::config::{
    AuthArgs, BatchArgs, CallArgs, ConnectionArgs, DatabaseArgs, DatabaseUrlArgs, ListenArgs, LogArgs,
    MigrationArgs, OpsArgs, RuntimeArgs, TlsArgs,
};

pub use projections::{ProjectionArgs, ProjectionStatusConfig, ProjectionsCommand, RebuildConfig};
pub use relay::{RelayArgs, RelayData};
pub use relay_command::{ParkedConfig, RelayAction, RelayCommand, RelayConfig, ReplayConfig};

/// Accepts commands on orders, over gRPC.
#[derive(Debug, Parser)]
#[command(name = "command-service", version, flatten_help = true, arg_required_else_help = false)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve commands until told to stop
    Serve(Box<ServeConfig>),
    /// Bring the database schema up to date, and end
    Migrate(MigrateConfig),
    /// Publish what happens to orders to NATS, without serving commands
    Relay(Box<RelayCommand>),
    /// What is computed from what happens to orders: statistics, and the words that orders are found by
    #[command(subcommand)]
    Projections(Box<ProjectionsCommand>),
}

/// The configuration of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeConfig {
    /// Whether and as whom to migrate first.
    #[command(flatten)]
    pub migration: MigrationArgs,

    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArgs<50051>,
    /// What connections are encrypted with.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// What connections may cost.
    #[command(flatten)]
    pub connections: ConnectionArgs,
    /// Where to tell how the process is.
    #[command(flatten)]
    pub ops: OpsArgs<9464>,
    /// Who may call.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// What calls may take.
    #[command(flatten)]
    pub calls: CallArgs,

    /// Most commands at once; more are refused with RESOURCE_EXHAUSTED
    #[arg(long, env, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    #[arg(help_heading = "Calls")]
    pub max_concurrent_commands: u32,

    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How calls share statements.
    #[command(flatten)]
    pub batch: BatchArgs,

    /// Most statements at a time that commit; another one begins beside those under way when it is full or they are slow
    #[arg(long, env, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=100))]
    #[arg(help_heading = "Batching")]
    pub commit_lanes: u16,

    /// Most statements at a time that load orders to be changed; another one begins when it is full or those under way are slow
    #[arg(long, env, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    #[arg(help_heading = "Batching")]
    pub load_lanes: u16,

    /// Where to publish what happens to orders; nowhere, if no NATS is given.
    #[command(flatten)]
    pub relay: RelayArgs,
    /// How to compute statistics and the words that orders are found by.
    #[command(flatten)]
    pub projections: ProjectionArgs,

    /// How much of the machine to use.
    #[command(flatten)]
    pub runtime: RuntimeArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// The configuration of `migrate`.
#[derive(Debug, Clone, Args)]
pub struct MigrateConfig {
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseUrlArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}
