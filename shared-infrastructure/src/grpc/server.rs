//! A gRPC server: the services of a process with health and reflection, and its life from ready to gone.

use std::{convert::Infallible, future::Future, io, pin::pin, sync::Arc, time::Duration};

use http::{Request, Response};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{body::Body, server::NamedService, service::Routes};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::Service;

use super::{
    CallLimits, ConnectionLimits,
    admission::Admission,
    answer::Outgoing,
    connection::{self, Ending, Shared},
    life::Pressure,
    pipeline::Pipeline,
    reflection::{self, QUESTION_LIMIT},
    room::Room,
};
use crate::{auth::Authenticator, open_files, ops::Readiness, tls::ServerTls};

/// The name under which health checks ask for the whole process.
const WHOLE: &str = "";

/// Most bytes of large requests on their way in, and of large answers on their way out, that a process has memory for at a time.
const LARGE_REQUESTS: usize = 24 * 1024 * 1024;
const LARGE_ANSWERS: usize = 32 * 1024 * 1024;

/// How long to wait after a failed accept: most likely the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long connections have for closing once they were told that nothing is waited for.
const CUT_TIMEOUT: Duration = Duration::from_secs(1);

/// The services of a process, and who may call them.
#[derive(Debug)]
pub struct Server<A> {
    routes: Routes,
    names: Vec<&'static str>,
    authenticator: Arc<A>,
    limits: CallLimits,
    tls: Option<ServerTls>,
    connections: ConnectionLimits,
    readiness: Readiness,
    delay: Duration,
    draining: CancellationToken,
}

impl<A: Authenticator> Server<A> {
    /// A server without a service yet, whose calls `authenticator` admits.
    #[must_use]
    pub fn new(authenticator: A) -> Self {
        Self {
            routes: Routes::default(),
            names: Vec::new(),
            authenticator: Arc::new(authenticator),
            limits: CallLimits::default(),
            tls: None,
            connections: ConnectionLimits::default(),
            readiness: Readiness::default(),
            delay: Duration::ZERO,
            draining: CancellationToken::new(),
        }
    }

    /// Keeps connections to `limits`.
    #[must_use]
    pub fn connections(self, limits: ConnectionLimits) -> Self {
        Self { connections: limits, ..self }
    }

    /// Tells `readiness` when it serves.
    #[must_use]
    pub fn readiness(self, readiness: Readiness) -> Self {
        Self { readiness, ..self }
    }

    /// Serves on for the time `delay` after it was told to end, so that others notice before they are turned away.
    #[must_use]
    pub fn shutdown_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Cancels `draining` when it takes no new calls any more.
    #[must_use]
    pub fn draining(self, draining: CancellationToken) -> Self {
        Self { draining, ..self }
    }

    /// Takes on no more than `limits` says, of all but health checks and reflection.
    #[must_use]
    pub fn limits(self, limits: CallLimits) -> Self {
        Self { limits, ..self }
    }

    /// Has connections encrypted with `tls`, if there is any.
    #[must_use]
    pub fn encrypted(self, tls: Option<ServerTls>) -> Self {
        Self { tls, ..self }
    }

    /// Adds a service. It is served, advertised by reflection, and has a health status of its own.
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self.names.push(S::NAME);
        self
    }

    /// Serves until `shutdown` completes; then reports NOT_SERVING, goes on for a moment if it is to, takes no new connection
    /// and no new call, gives those under way the time `drain`, and refuses what is left.
    pub async fn serve(self, listener: TcpListener, drain: Duration, shutdown: impl Future<Output = ()>) {
        let (health, health_service) = tonic_health::server::health_reporter();
        let names = [&[WHOLE], self.names.as_slice()].concat();
        report(&health, &names, ServingStatus::Serving).await;
        self.readiness.serving(true);
        let routes = reflection::add_to(self.routes, &self.names)
            .add_service(health_service.max_decoding_message_size(QUESTION_LIMIT));
        let ending = Ending::default();
        let shared = Shared {
            pipeline: Pipeline::new(routes, self.authenticator, self.limits),
            tls: self.tls,
            limits: self.connections,
            incoming: Room::of(LARGE_REQUESTS),
            outgoing: Outgoing { room: Room::of(LARGE_ANSWERS), pressure: Pressure::default() },
            ending: ending.clone(),
        };

        let connections = TaskTracker::new();
        let mut told = pin!(async {
            shutdown.await;
            self.readiness.serving(false);
            report(&health, &names, ServingStatus::NotServing).await;
            sleep(self.delay).await;
        });
        accept(&listener, &connections, &shared, told.as_mut()).await;
        drop(listener);
        self.draining.cancel();
        ending.drain.cancel();
        connections.close();
        forget(health.clone(), &names).await;
        finish(&connections, &ending, drain).await;
    }
}

/// Takes connections on until `end` completes. Each is served by a task of its own, so that nothing that happens to it concerns
/// the others.
async fn accept<A: Authenticator>(
    listener: &TcpListener,
    connections: &TaskTracker,
    shared: &Shared<A>,
    mut end: impl Future<Output = ()> + Unpin,
) {
    let most = open_files::connections(shared.limits.connections);
    let admission = Admission::new(ConnectionLimits { connections: most, ..shared.limits });
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Some(place) = admission.enter(peer.ip()) {
                        connections.spawn(connection::serve(stream, peer, shared.clone(), place));
                    }
                }
                Err(error) => recover(&error).await,
            },
            () = &mut end => return,
        }
    }
}

async fn report(health: &HealthReporter, names: &[&str], status: ServingStatus) {
    for name in names {
        health.set_service_status(name, status).await;
    }
}

/// Ends the streams of those who watch a health status, after they were told of the last one: they would hold up the end.
async fn forget(mut health: HealthReporter, names: &[&str]) {
    for name in names {
        health.clear_service_status(name).await;
    }
}

async fn finish(connections: &TaskTracker, ending: &Ending, drain: Duration) {
    if timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing connections that did not end in time");
        ending.leave.cancel();
        let _still_open = timeout(CUT_TIMEOUT, connections.wait()).await;
    }
}

async fn recover(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        sleep(ACCEPT_PAUSE).await;
    }
}
