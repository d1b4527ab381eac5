//! The flags of the projections, and the subcommands of `projections`.

use std::time::Duration;

use clap::{Args, Subcommand, builder::BoolishValueParser};
use command_infrastructure::projections::Projection;
use shared_infrastructure::config::{DatabaseArgs, LogArgs, duration};

/// The flags of the projections.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Projections")]
pub struct ProjectionArgs {
    /// How long to wait before looking again where there was nothing to follow
    #[arg(long, env, value_name = "TIME", default_value = "100ms", value_parser = duration)]
    pub projection_poll_interval: Duration,

    /// Leave the projections to other processes
    #[arg(long, env, value_parser = BoolishValueParser::new())]
    pub no_projections: bool,
}

/// `projections`: what to do.
#[derive(Debug, Clone, Subcommand)]
pub enum ProjectionsCommand {
    /// Compute projections anew, beside those that are read, and have them read in their place
    Rebuild(RebuildConfig),
    /// Tell how far the projections are
    Status(ProjectionStatusConfig),
}

/// The configuration of `projections rebuild`.
#[derive(Debug, Clone, Args)]
pub struct RebuildConfig {
    /// Which one: `order_stats_daily` or `order_search`; both, one after the other, if it is not said
    #[arg(long, value_name = "NAME", value_parser = projection)]
    pub name: Option<Projection>,
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// The configuration of `projections status`.
#[derive(Debug, Clone, Args)]
pub struct ProjectionStatusConfig {
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}

fn projection(name: &str) -> Result<Projection, String> {
    let names = Projection::ALL.map(Projection::name).join(" or ");
    Projection::named(name).ok_or_else(|| format!("expected {names}"))
}
