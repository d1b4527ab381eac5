//! The load generator: one thread, one `poll`, a few HTTP/2 connections, and N callers that each have at most one call
//! under way.
//!
//! It shares the machine with what it measures, so it spends as little as it can: requests are encoded once and patched,
//! answers are not decoded beyond their status. The status of every answer is looked at; the first that is not OK ends
//! the run. It knows nothing of orders.

mod answer;
mod connection;
mod driver;
mod error;
mod frames;
mod headers;
#[cfg(test)]
mod tests;
mod timer;

pub(crate) use driver::{Pace, Plan, Targets, run};
pub(crate) use error::LoadError;

/// Which of the services a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// command-service.
    Command,
    /// query-service.
    Query,
}

/// One call to send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// Where to.
    pub(crate) target: Target,
    /// Which method, such as `/orders.v1.OrderQueryService/GetOrder`.
    pub(crate) path: &'static str,
    /// The request message behind gRPC's five bytes of length.
    pub(crate) body: &'a [u8],
}

/// A source of calls. All callers take theirs from the same one.
pub(crate) trait Workload {
    /// The next call.
    fn next_call(&mut self) -> Call<'_>;
}
