//! The process that accepts commands: its command line and its wiring.
//!
//! Everything it does is done by the crates it wires together.

mod app;
mod config;

pub use app::App;
pub use config::{Cli, Command, MigrateConfig, ServeConfig};
