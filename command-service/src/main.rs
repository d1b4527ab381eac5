//! The process that accepts commands.

use std::process::ExitCode;

use command_service::{App, Cli, Command, MigrateConfig, ServeConfig};
use shared_infrastructure::{config, database::migrations, grpc, start, start::StartError, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match config::parse::<Cli>().command {
        Command::Serve(config) => start::run(config.runtime.threads(), serve(config)),
        Command::Migrate(config) => start::run(1, migrate(config)),
    }
}

async fn serve(config: ServeConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    let shutdown = grpc::shutdown_signal()?;
    let app = App::bind(&config).await?;
    start::announce_ready("command-service", app.address());
    app.run(shutdown).await;
    Ok(())
}

async fn migrate(config: MigrateConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    migrations::run_pending(&config.database.connection()?).await?;
    Ok(())
}
