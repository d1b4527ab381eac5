//! The process that accepts commands.

use std::{pin::pin, process::ExitCode};

use command_service::{
    App, Cli, Command, MigrateConfig, ProjectionsCommand, RelayAction, RelayCommand, RelayConfig,
    ServeConfig, projection_status, rebuild_projections, relay,
};
use shared_infrastructure::{config, database::migrations, grpc, start, start::StartError, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub(crate) fn main() -> ExitCode {
    match config::parse::<Cli>().command {
        Command::Serve(config) => start::run(config.runtime.threads(), serve(*config)),
        Command::Migrate(config) => start::run(1, migrate(config)),
        Command::Relay(command) => start::run(1, relay(*command)),
        Command::Projections(command) => start::run(1, projections(*command)),
    }
}

async fn serve(config: ServeConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    let mut shutdown = pin!(grpc::shutdown_signal()?);
    let app = tokio::select! {
        app = App::bind(&config) => app?,
        () = shutdown.as_mut() => return Ok(()),
    };
    if let Some(address) = app.ops_address() {
        start::announce_ops("command-service", address);
    }
    start::announce_ready("command-service", app.address(), &config.auth);
    app.run(shutdown).await
}

async fn relay(command: RelayCommand) -> Result<(), StartError> {
    match command.action {
        None => run_relay(command.run).await,
        Some(RelayAction::Run(config)) => run_relay(*config).await,
        Some(RelayAction::Parked(config)) => relay::parked(&config).await,
        Some(RelayAction::Replay(config)) => relay::replay(config).await,
    }
}

async fn run_relay(config: RelayConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    relay::run(&config, grpc::shutdown_signal()?).await
}

async fn projections(command: ProjectionsCommand) -> Result<(), StartError> {
    match command {
        ProjectionsCommand::Rebuild(config) => rebuild_projections(&config).await,
        ProjectionsCommand::Status(config) => projection_status(&config).await,
    }
}

async fn migrate(config: MigrateConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    migrations::run_pending(&config.database.connection()?).await?;
    Ok(())
}
