//! The subcommands of `relay`.

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, Subcommand};
use shared_infrastructure::config::{DatabaseArgs, LogArgs, OpsArgs};
use uuid::Uuid;

use super::RelayArgs;

/// `relay`: what to do.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RelayCommand {
    /// What to do; run the relay, if nothing is said.
    #[command(subcommand)]
    pub action: Option<RelayAction>,
    /// How to run it.
    #[command(flatten)]
    pub run: RelayConfig,
}

/// What can be done about the relay.
#[derive(Debug, Clone, Subcommand)]
pub enum RelayAction {
    /// Run the relay alone, without serving commands, until told to stop (what `relay` does by itself)
    Run(Box<RelayConfig>),
    /// List the orders whose events are held back, since one of them cannot be published
    Parked(ParkedConfig),
    /// Have the relay publish what parked orders held back, or once more what it published since some time
    Replay(ReplayConfig),
}

/// The configuration of `relay run`.
#[derive(Debug, Clone, Args)]
pub struct RelayConfig {
    /// Where to publish to, and how.
    #[command(flatten)]
    pub relay: RelayArgs,
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Where probes ask.
    #[command(flatten)]
    pub ops: OpsArgs<9466>,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// The configuration of `relay parked`.
#[derive(Debug, Clone, Args)]
pub struct ParkedConfig {
    /// Print JSON: an array of objects
    #[arg(long)]
    pub json: bool,
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// The configuration of `relay replay`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").args(["all", "since", "order"]).required(true))]
pub struct ReplayConfig {
    /// All parked orders
    #[arg(long)]
    pub all: bool,
    /// Everything that was committed at this time (RFC 3339) or later, of all orders, though it was published before: for a stream
    /// that was lost
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<DateTime<Utc>>,
    /// Whose order
    #[arg(long, value_name = "TENANT", default_value = "default")]
    pub tenant: String,
    /// Which order: its UUID, or `orders/UUID`
    #[arg(long, value_name = "ORDER", value_parser = order)]
    pub order: Option<Uuid>,
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}

fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    text.parse().map_err(|_| "expected a time such as 2026-01-31T08:00:00Z")
}

fn order(text: &str) -> Result<Uuid, &'static str> {
    let id = text.strip_prefix("orders/").unwrap_or(text);
    Uuid::try_parse(id).map_err(|_| "expected a UUID, or orders/UUID")
}
