//! The signals that end a service.

use std::{future::Future, io};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Completes on the first SIGTERM or Ctrl-C. From this call on, neither of them kills the process by itself.
///
/// # Errors
/// If the signals cannot be listened to.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    Ok(first_of(terminate, interrupt))
}

async fn first_of(mut terminate: Signal, mut interrupt: Signal) {
    let name = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    tracing::info!(signal = name, "shutting down");
}
