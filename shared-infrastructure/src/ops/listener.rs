//! The thread that answers.

use std::{
    io,
    net::SocketAddr,
    thread::{self, JoinHandle},
};

use axum::{Router, http::StatusCode, routing::get};
use tokio::{net::TcpListener, runtime};
use tokio_util::sync::CancellationToken;

use super::{Readiness, database};
use crate::database::Pool;

/// A running operations listener; it ends when it is dropped.
#[derive(Debug)]
pub struct Ops {
    address: SocketAddr,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Ops {
    /// Answers what comes to `listener` from `readiness`, for which it looks after `databases`: pools that nobody else uses.
    ///
    /// # Errors
    /// If the machine has no thread to give, or the listener cannot be handed over.
    pub fn start(listener: TcpListener, databases: Vec<Pool>, readiness: Readiness) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let listener = listener.into_std()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let router = router(readiness.clone());
        let work = async move {
            let serving = async move { axum::serve(TcpListener::from_std(listener)?, router).await };
            tokio::select! {
                served = serving => tracing::error!(?served, "the operations listener ended"),
                () = database::look(databases, readiness) => {}
                () = stopped.cancelled() => {}
            }
        };
        let answering = move || {
            runtime.block_on(work);
            // It has nothing to finish, and a name that is being looked up could take long.
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new().name("ops".to_owned()).spawn(answering)?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// The address it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Ops {
    fn drop(&mut self) {
        self.stop.cancel();
        self.thread.take().map(JoinHandle::join);
    }
}

fn router(readiness: Readiness) -> Router {
    let ready = move || async move {
        match readiness.check() {
            Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
            Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        }
    };
    Router::new().route("/livez", get(async || "alive\n")).route("/readyz", get(ready))
}
