//! The command line of query-service.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use query_infrastructure::api::WatchLimits;
use shared_infrastructure::{
    config::{
        AuthArgs, BatchArgs, CallArgs, ConnectionArgs, DatabaseArgs, ListenArgs, LogArgs, OpsArgs,
        RuntimeArgs, TlsArgs, duration,
    },
    grpc::CallLimits,
};

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
    /// What connections are encrypted with.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// What connections may cost.
    #[command(flatten)]
    pub connections: ConnectionArgs,
    /// Where to tell how the process is.
    #[command(flatten)]
    pub ops: OpsArgs<9465>,
    /// Who may call.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// What calls may take.
    #[command(flatten)]
    pub calls: CallArgs,
    /// How many calls at once.
    #[command(flatten)]
    pub concurrency: ConcurrencyArgs,
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How calls share statements.
    #[command(flatten)]
    pub batch: BatchArgs,

    /// Most statements at a time that read orders by their ids, and most that read customers' pages; another one begins
    /// when it is full or those under way are slow
    #[arg(long, env, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=100))]
    #[arg(help_heading = "Batching")]
    pub read_lanes: u16,

    /// How long a read without a deadline waits for a database that is as new as its consistency token demands
    #[arg(long, env, value_name = "TIME", default_value = "5s", value_parser = duration)]
    #[arg(help_heading = "Database")]
    pub read_wait_limit: Duration,

    /// How orders are watched.
    #[command(flatten)]
    pub watch: WatchArgs,

    /// How much of the machine to use.
    #[command(flatten)]
    pub runtime: RuntimeArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// How many calls of each kind are taken on at once.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Calls")]
pub struct ConcurrencyArgs {
    /// Most reads of orders by their names or keys at once; more are refused with RESOURCE_EXHAUSTED
    #[arg(long, env, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_concurrent_reads: u32,

    /// Most lists, searches and sums at once; more are refused with RESOURCE_EXHAUSTED
    #[arg(long, env, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_concurrent_lists: u32,

    /// Most watches that begin at once; more are refused with RESOURCE_EXHAUSTED
    #[arg(long, env, value_name = "N", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_concurrent_watch_openings: u32,
}

impl ServeConfig {
    /// What calls may take of the service.
    pub(crate) fn call_limits(&self) -> CallLimits {
        let ConcurrencyArgs { max_concurrent_reads, max_concurrent_lists, max_concurrent_watch_openings } =
            self.concurrency;
        CallLimits {
            reads: Some(max_concurrent_reads),
            lists: Some(max_concurrent_lists),
            watches: Some(max_concurrent_watch_openings),
            ..self.calls.limits()
        }
    }
}

/// The flags of watches.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Watches")]
pub struct WatchArgs {
    /// Most watches at a time
    #[arg(long, env, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_watches: u32,

    /// How long a caller may leave a message waiting, or be behind, before the watch is cut
    #[arg(long, env, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub watch_patience: Duration,

    /// How often to look for what is new, while anybody watches
    #[arg(long, env, value_name = "TIME", default_value = "100ms", value_parser = duration)]
    pub feed_poll_interval: Duration,
}

impl WatchArgs {
    /// How many may watch, and how slow they may be.
    pub(crate) fn limits(&self) -> WatchLimits {
        let watches = usize::try_from(self.max_watches).unwrap_or(usize::MAX);
        WatchLimits { watches, patience: self.watch_patience }
    }
}
