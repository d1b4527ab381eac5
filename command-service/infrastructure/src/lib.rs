//! The infrastructure of the command side: the gRPC API in front of the use cases, the repositories behind them, and the relay
//! that publishes what was committed. It decides nothing: rules are the domain's, transactions the Unit of Work's.

pub mod api;
pub mod failpoints;
pub mod memory;
pub mod messaging;
pub mod persistence;
pub mod projections;
mod published;
mod system;

pub use system::{SystemClock, UuidV7Generator};
