//! The server under test: services that answer whatever they are asked, behind authentication and authorisation.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::SocketAddr,
    task::{Context, Poll},
    time::Duration,
};

use clap::Parser;
use http::{Request, Response};
use shared_domain::Caller;
use shared_infrastructure::{
    auth::Provider,
    config::{AuthArgs, ConfigError, TlsArgs},
    grpc::Server,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::{Code, Status, body::Body, server::NamedService};
use tower::Service;

use crate::{issuer::Issuer, token::AUDIENCE};

/// The header in which an answer says who was let in.
pub(crate) const CALLER: &str = "x-caller";

/// A running server.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    running: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let provider = provider(arguments).await.unwrap();
        let server = Server::new(provider).service(Commands).service(Queries);
        let running = tokio::spawn(server.serve(listener, Duration::ZERO, std::future::pending()));
        Self { address, running }
    }

    /// A server that takes the tokens of an issuer.
    pub(crate) async fn trusting(issuer: &Issuer, arguments: &[&str]) -> Self {
        let url = issuer.url();
        let fixed = ["--auth-provider=oidc", "--oidc-audience", AUDIENCE, "--oidc-issuer", &url];
        Self::start(&[&fixed, arguments].concat()).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// What the flags choose, for a service that only this machine can reach.
pub(crate) async fn provider(arguments: &[&str]) -> Result<Provider, ConfigError> {
    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        auth: AuthArgs,
        #[command(flatten)]
        tls: TlsArgs,
    }
    let flags = Flags::parse_from(["test"].iter().chain(arguments));
    Provider::new(&flags.auth, &flags.tls, "127.0.0.1:1".parse().unwrap()).await
}

macro_rules! answering {
    ($name:ident, $path:literal) => {
        #[derive(Debug, Clone)]
        struct $name;

        impl NamedService for $name {
            const NAME: &'static str = $path;
        }

        impl Service<Request<Body>> for $name {
            type Response = Response<Body>;
            type Error = Infallible;
            type Future = Ready<Result<Response<Body>, Infallible>>;

            fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<Body>) -> Self::Future {
                ready(Ok(answer(&request)))
            }
        }
    };
}

answering!(Commands, "orders.v1.OrderCommandService");
answering!(Queries, "orders.v1.OrderQueryService");

fn answer(request: &Request<Body>) -> Response<Body> {
    let caller = request.extensions().get::<Caller>().expect("nobody comes here without a caller");
    let mut response = Status::new(Code::Ok, "").into_http();
    let name = format!("{} of {}", caller.actor.subject, caller.tenant.as_str());
    response.headers_mut().insert(CALLER, name.parse().unwrap());
    response
}
