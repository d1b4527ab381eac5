//! The thread that answers.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    net::SocketAddr,
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::get};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
    task::{AbortHandle, yield_now},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Readiness, database};
use crate::database::Pool;

/// Connections at a time. For one more the oldest is closed: whoever is silent does not keep a probe out.
const CONNECTIONS: usize = 64;

/// How long a client may take for the headers of a request.
const HEADERS: Duration = Duration::from_secs(5);

/// How long a connection may live.
const LIFE: Duration = Duration::from_secs(60);

/// How long to wait when no connection can be taken.
const PAUSE: Duration = Duration::from_millis(100);

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
            let serving = async move { accept(TcpListener::from_std(listener)?, router).await };
            tokio::select! {
                Err(error) = serving => tracing::error!(%error, "the operations listener ended"),
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

/// Takes connections on, for ever.
async fn accept(listener: TcpListener, router: Router) -> io::Result<Infallible> {
    let mut open = VecDeque::<AbortHandle>::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                open.retain(|connection| !connection.is_finished());
                if open.len() == CONNECTIONS {
                    open.pop_front().as_ref().map(AbortHandle::abort);
                }
                open.push_back(tokio::spawn(serve(stream, router.clone())).abort_handle());
                // It gets its turn before others can push it out.
                yield_now().await;
            }
            Err(error) => {
                tracing::debug!(%error, "a connection to the operations listener broke");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, router: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // Whoever leaves or is late is not missed.
    drop(timeout(LIFE, connection).await);
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

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::Instant,
    };

    use super::*;

    async fn listening() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(accept(listener, router(Readiness::default())));
        address
    }

    async fn alive(address: SocketAddr) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        drop(stream.read_to_string(&mut answer).await);
        answer
    }

    #[tokio::test]
    async fn silent_connections_make_room_and_are_closed() {
        let address = listening().await;
        assert!(alive(address).await.starts_with("HTTP/1.1 200"));
        let mut silent = Vec::new();
        for _ in 0..CONNECTIONS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        for _ in 0..3 {
            assert!(alive(address).await.starts_with("HTTP/1.1 200"), "the oldest make room");
        }
        let begun = Instant::now();
        for stream in &mut silent {
            assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0, "nobody asked anything");
        }
        assert!(begun.elapsed() < 4 * HEADERS, "{:?}", begun.elapsed());
        assert!(alive(address).await.starts_with("HTTP/1.1 200"));
    }
}
