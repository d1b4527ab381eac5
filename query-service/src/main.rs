//! The process that serves reads.

use std::process::ExitCode;

use query_service::{App, Cli, Command, ServeConfig};
use shared_infrastructure::{config, grpc, start, start::StartError, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Command::Serve(config) = config::parse::<Cli>().command;
    start::run(config.runtime.threads(), serve(config))
}

async fn serve(config: ServeConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    let shutdown = grpc::shutdown_signal()?;
    let app = App::bind(&config).await?;
    if let Some(address) = app.ops_address() {
        start::announce_ops("query-service", address);
    }
    start::announce_ready("query-service", app.address());
    app.run(shutdown).await;
    Ok(())
}
