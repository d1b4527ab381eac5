//! What connections may cost, and how long they may live.

use std::time::Duration;

/// What a server keeps to; the fields are those of the flags in [`crate::config::ConnectionArgs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at a time.
    pub connections: usize,
    /// Connections at a time from one address, if that is limited.
    pub per_address: Option<usize>,
    /// How long opening a connection may take.
    pub open: Duration,
    /// After how long without a call a client is told to leave.
    pub idle: Duration,
    /// After how long, give or take a tenth, a client is told to leave.
    pub age: Duration,
    /// How long calls may go on after that.
    pub grace: Duration,
    /// How long a request may take to arrive.
    pub request: Duration,
    /// How long a client may leave a part of an answer lying.
    pub answer: Duration,
}

impl ConnectionLimits {
    /// Those that suit a cluster.
    pub const DEFAULT: Self = Self {
        connections: 10_000,
        per_address: None,
        open: Duration::from_secs(5),
        idle: Duration::from_secs(15 * 60),
        age: Duration::from_secs(30 * 60),
        grace: Duration::from_secs(5 * 60),
        request: Duration::from_secs(10),
        answer: Duration::from_secs(30),
    };
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
