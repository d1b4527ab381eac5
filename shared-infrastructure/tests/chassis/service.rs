//! A service whose method does what the text it is sent says.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use shared_infrastructure::{auth, grpc::Deadline};
use tonic::{Status, body::Body, server::NamedService};
use tonic_prost::ProstCodec;
use tower::Service;

/// The path of its only method.
pub(crate) const METHOD: &str = "/orders.v1.OrderQueryService/Do";

/// Most bytes of a message it takes.
pub(crate) const MESSAGE_LIMIT: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct TestService;

impl NamedService for TestService {
    const NAME: &'static str = "orders.v1.OrderQueryService";
}

impl Service<Request<Body>> for TestService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path() != METHOD {
            return Box::pin(async { Ok(Status::unimplemented("").into_http()) });
        }
        let codec = ProstCodec::<String, String>::default();
        let mut grpc = tonic::server::Grpc::new(codec).max_decoding_message_size(MESSAGE_LIMIT);
        Box::pin(async move { Ok(grpc.unary(Handler, request).await) })
    }
}

struct Handler;

impl tonic::server::UnaryService<String> for Handler {
    type Response = String;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<String>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<String>) -> Self::Future {
        Box::pin(async move { obey(&request).await.map(tonic::Response::new) })
    }
}

async fn obey(request: &tonic::Request<String>) -> Result<String, Status> {
    Ok(match request.get_ref().as_str() {
        "panic" => panic!("told to"),
        "hang" => std::future::pending().await,
        "take your time" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done".to_owned()
        }
        "deadline" => format!(
            "{:?}",
            request
                .extensions()
                .get::<Deadline>()
                .map(|deadline| (!deadline.remaining().is_zero(), deadline.asked().is_some()))
        ),
        "who" => {
            let caller = auth::caller(request)?;
            format!("{} of {}", caller.actor.subject, caller.tenant.as_str())
        }
        other => other.len().to_string(),
    })
}
