//! The operations listener: tells over HTTP whether the process lives and is ready.
//!
//! It has a thread and a runtime of its own, and so answers however busy those are that work on calls.

mod database;
mod listener;
mod readiness;

pub use listener::Ops;
pub use readiness::Readiness;
