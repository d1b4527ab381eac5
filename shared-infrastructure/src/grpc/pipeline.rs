//! The way of one call, from its headers to its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use tonic::{body::Body, service::Routes};
use tower::ServiceExt;

use super::{Deadline, deadline, details, panics};
use crate::auth::{self, Authenticator};

/// Services that answer anybody: health checks and reflection.
const PUBLIC: [&str; 2] = ["/grpc.health.", "/grpc.reflection."];

/// What calls go through; one for a whole server.
pub(super) struct Pipeline<A> {
    routes: Routes,
    authenticator: Arc<A>,
}

impl<A> Clone for Pipeline<A> {
    fn clone(&self) -> Self {
        Self { routes: self.routes.clone(), authenticator: Arc::clone(&self.authenticator) }
    }
}

impl<A: Authenticator> Pipeline<A> {
    pub(super) fn new(routes: Routes, authenticator: Arc<A>) -> Self {
        Self { routes: routes.prepare(), authenticator }
    }

    /// Answers a call, whatever happens on the way.
    pub(super) async fn answer<B>(self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<tonic::codegen::StdError>,
    {
        let request = request.map(Body::new);
        if PUBLIC.iter().any(|prefix| request.uri().path().starts_with(prefix)) {
            return panics::caught(self.route(request)).await;
        }
        let deadline = Deadline::of(request.headers());
        panics::caught(deadline::bounded(deadline, self.admit_and_route(deadline, request))).await
    }

    async fn admit_and_route(self, deadline: Option<Deadline>, mut request: Request<Body>) -> Response<Body> {
        if let Err(status) = auth::admit(self.authenticator.as_ref(), &mut request).await {
            return status.into_http();
        }
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }
        details::completed(self.route(request).await)
    }

    async fn route(self, request: Request<Body>) -> Response<Body> {
        self.routes.oneshot(request).await.unwrap_or_else(|never| match never {})
    }
}
