//! The process that accepts commands: its command line and its wiring.
//!
//! Everything it does is done by the crates it wires together.

mod app;
mod config;
mod projections;
pub mod relay;

pub use app::App;
pub use config::{
    Cli, Command, MigrateConfig, ParkedConfig, ProjectionArgs, ProjectionStatusConfig, ProjectionsCommand,
    RebuildConfig, RelayAction, RelayArgs, RelayCommand, RelayConfig, RelayData, ReplayConfig, ServeConfig,
};
pub use projections::{projection_status, rebuild_projections};
