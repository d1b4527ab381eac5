//! A gRPC server: the services of a process with health and reflection, and its life from ready to gone.

use std::{convert::Infallible, future::Future, io, pin::pin, sync::Arc, time::Duration};

use http::{Request, Response};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tonic::{body::Body, server::NamedService, service::Routes};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::Service;

use super::{
    CallLimits,
    connection::{self, Ending},
    pipeline::Pipeline,
};
use crate::{auth::Authenticator, tls::ServerTls};

/// The name under which health checks ask for the whole process.
const WHOLE: &str = "";

/// How long to wait after a failed accept: most likely the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long connections have for closing once they were cut.
const CUT_TIMEOUT: Duration = Duration::from_secs(1);

/// The services of a process, and who may call them.
#[derive(Debug)]
pub struct Server<A> {
    routes: Routes,
    names: Vec<&'static str>,
    authenticator: Arc<A>,
    limits: CallLimits,
    tls: Option<ServerTls>,
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
        }
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

    /// Serves until `shutdown` completes; then reports NOT_SERVING, takes no new connection and no new call, gives those
    /// under way the time `drain`, and cuts what is left.
    pub async fn serve(self, listener: TcpListener, drain: Duration, shutdown: impl Future<Output = ()>) {
        let (health, health_service) = tonic_health::server::health_reporter();
        let names = [&[WHOLE], self.names.as_slice()].concat();
        report(&health, &names, ServingStatus::Serving).await;
        let routes = super::reflection::add_to(self.routes, &self.names).add_service(health_service);
        let pipeline = Pipeline::new(routes, self.authenticator, self.limits);

        let ending = Ending::default();
        let connections = TaskTracker::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        connections.spawn(connection::serve(stream, peer, self.tls.clone(), pipeline.clone(), ending.clone()));
                    }
                    Err(error) => recover(&error).await,
                },
                () = &mut shutdown => break,
            }
        }
        report(&health, &names, ServingStatus::NotServing).await;
        drop(listener);
        ending.drain.cancel();
        connections.close();
        forget(health, &names).await;
        finish(&connections, &ending, drain).await;
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
        tracing::warn!(connections = connections.len(), "cutting connections that did not end in time");
        ending.cut.cancel();
        let _still_open = timeout(CUT_TIMEOUT, connections.wait()).await;
    }
}

async fn recover(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        sleep(ACCEPT_PAUSE).await;
    }
}
