//! What calls may take, of time and of each other.

use std::{num::NonZeroU32, time::Duration};

use clap::Args;

use super::database::duration;
use crate::grpc::{CallLimits, RateLimit, Timeouts};

/// The flags of calls that do not depend on what the calls are about.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Calls")]
pub struct CallArgs {
    /// How long a call may take whose client sets no deadline, and never longer than --max-deadline; streams take as long as they take
    #[arg(long, env, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub default_deadline: Duration,

    /// How long a call may take at most, whatever deadline its client sets; streams take as long as they take
    #[arg(long, env, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub max_deadline: Duration,

    /// Calls a second that a tenant may make on average, in each process; more are refused with RESOURCE_EXHAUSTED. As many as it
    /// likes, if it is not given
    #[arg(long, env, value_name = "N")]
    pub rate_limit: Option<NonZeroU32>,

    /// Calls that a tenant may make at once after a while without any; as many as in a second, if it is not given
    #[arg(long, env, value_name = "N", requires = "rate_limit")]
    pub rate_burst: Option<NonZeroU32>,

    /// Calls of a tenant at once, of all kinds, in each process; more are refused with RESOURCE_EXHAUSTED. As many as there may be at
    /// all, if it is not given
    #[arg(long, env, value_name = "N")]
    pub max_concurrent_per_tenant: Option<NonZeroU32>,
}

impl CallArgs {
    /// The limits of all calls, without those of each class.
    #[must_use]
    pub fn limits(&self) -> CallLimits {
        let timeouts = Timeouts { default: Some(self.default_deadline), longest: Some(self.max_deadline) };
        let rate = self.rate_limit.map(|per_second| {
            let burst = self.rate_burst.unwrap_or(per_second);
            RateLimit { per_second, burst }
        });
        let of_tenant = self.max_concurrent_per_tenant.map(NonZeroU32::get);
        CallLimits { timeouts, rate, of_tenant, ..CallLimits::default() }
    }
}
