//! What a connection may cost, and how long it may live.

use std::{num::NonZero, time::Duration};

use clap::Args;

use super::{CallArgs, ConfigError, database::duration};
use crate::grpc::ConnectionLimits;

/// The flags of connections.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connections")]
pub struct ConnectionArgs {
    /// Most connections at a time; one more is closed at once
    #[arg(long, env, value_name = "N", default_value = "10000")]
    pub max_connections: NonZero<u32>,

    /// Most connections at a time from one address, of IPv6 from one network of 64 bits; as many as there may be at all, if it is not given
    #[arg(long, env, value_name = "N")]
    pub max_connections_per_address: Option<NonZero<u32>>,

    /// How long a client may take to open a connection: the TLS handshake, the HTTP/2 preface and its settings
    #[arg(long, env, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub connection_open_timeout: Duration,

    /// After how long without a call a client is told to leave
    #[arg(long, env, value_name = "TIME", default_value = "15m", value_parser = duration)]
    pub connection_idle_timeout: Duration,

    /// After how long, give or take a tenth, a client is told to leave and connect anew, so that new replicas get their share
    #[arg(long, env, value_name = "TIME", default_value = "30m", value_parser = duration)]
    pub max_connection_age: Duration,

    /// How long calls under way may go on once their client was told to leave; then they are refused with UNAVAILABLE. No less than
    /// --max-deadline
    #[arg(long, env, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub connection_grace: Duration,

    /// How long a request may take to arrive, from its headers to its end
    #[arg(long, env, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub request_timeout: Duration,

    /// How long a client may leave a part of an answer with us before its connection is cut; at most twice as long
    #[arg(long, env, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub answer_timeout: Duration,
}

impl ConnectionArgs {
    /// What the server keeps to, whose calls have these limits.
    ///
    /// # Errors
    /// [`ConfigError`] if a connection would not live as long as a call over it may take.
    pub fn limits(&self, calls: &CallArgs) -> Result<ConnectionLimits, ConfigError> {
        if self.connection_grace < calls.max_deadline {
            let problem = format!("must be no less than --max-deadline, which is {:?}", calls.max_deadline);
            return Err(ConfigError::new("--connection-grace", problem));
        }
        let number = |limit: NonZero<u32>| usize::try_from(limit.get()).unwrap_or(usize::MAX);
        Ok(ConnectionLimits {
            connections: number(self.max_connections),
            per_address: self.max_connections_per_address.map(number),
            open: self.connection_open_timeout,
            idle: self.connection_idle_timeout,
            age: self.max_connection_age,
            grace: self.connection_grace,
            request: self.request_timeout,
            answer: self.answer_timeout,
        })
    }
}
