//! The process that serves reads: its command line and its wiring.
//!
//! Everything it does is done by the crates it wires together.

mod app;
mod config;
mod databases;

pub use app::App;
pub use config::{Cli, Command, ServeConfig};
