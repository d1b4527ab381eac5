//! The infrastructure of the command side: the gRPC API in front of the use cases, and the repositories behind them. It
//! decides nothing: rules are the domain's, transactions the Unit of Work's.

pub mod api;
pub mod memory;
pub mod persistence;
mod published;
mod system;

pub use system::{SystemClock, UuidV7Generator};
