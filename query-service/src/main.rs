//! The process that serves reads.

use std::{pin::pin, process::ExitCode};

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
    let mut shutdown = pin!(grpc::shutdown_signal()?);
    let app = tokio::select! {
        app = App::bind(&config) => app?,
        () = shutdown.as_mut() => return Ok(()),
    };
    if let Some(address) = app.ops_address() {
        start::announce_ops("query-service", address);
    }
    start::announce_ready("query-service", app.address(), &config.auth);
    app.run(shutdown).await;
    Ok(())
}
