//! How much of the machine a process uses.

use std::{num::NonZero, thread::available_parallelism};

use clap::Args;

/// The flags of the runtime.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Runtime")]
pub struct RuntimeArgs {
    /// Threads that work on calls; half of the processors, at least one, if it is not given
    #[arg(long, env, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub worker_threads: Option<u16>,
}

impl RuntimeArgs {
    /// The number of threads. Threads of a service that has little to do mostly wake each other up, and PostgreSQL needs more of
    /// the processors than the services do.
    #[must_use]
    pub fn threads(&self) -> usize {
        let half = || available_parallelism().map_or(1, NonZero::get).div_ceil(2);
        self.worker_threads.map_or_else(half, usize::from)
    }
}
