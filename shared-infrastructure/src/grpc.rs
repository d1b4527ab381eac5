//! The gRPC chassis: everything between a TCP connection and a service's handler.
//!
//! HTTP/2 is served with hyper itself rather than with tonic's server: that one answers an expired deadline with CANCELLED
//! ahead of any layer, and waits without a bound for connections that never leave.

mod admission;
mod answer;
mod class;
mod coalesced;
mod connection;
mod connection_limits;
mod deadline;
mod details;
mod life;
mod limits;
mod metadata_limit;
mod opening;
mod panics;
mod pipeline;
mod protocol;
mod reflection;
mod request_body;
mod room;
mod server;
mod shutdown;
mod tenants;

pub use connection_limits::ConnectionLimits;
pub use deadline::{Deadline, Timeouts};
pub use limits::{CallLimits, RateLimit};
pub use server::Server;
pub use shutdown::shutdown_signal;
