//! How calls share statements.

use clap::Args;

use crate::batching::Limits;

/// The flags of batching that do not depend on what is batched.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Batching")]
pub struct BatchArgs {
    /// Most orders in a statement that calls share
    #[arg(long, env, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub batch_size: u16,

    /// Most calls that wait for a statement; more are refused with RESOURCE_EXHAUSTED
    #[arg(long, env, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub batch_queue: u32,
}

impl BatchArgs {
    /// The limits of one kind of statement, of which so many may be under way at a time.
    #[must_use]
    pub fn limits(&self, lanes: u16) -> Limits {
        Limits { lanes: lanes.into(), batch: self.batch_size.into(), waiting: self.batch_queue as usize }
    }
}
