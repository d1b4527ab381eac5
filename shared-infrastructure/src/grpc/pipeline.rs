//! The way of one call, from its headers to its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use shared_domain::Caller;
use tonic::{body::Body, service::Routes};
use tower::ServiceExt;

use super::{
    CallLimits, Deadline, Timeouts,
    class::{self, Class},
    deadline, details,
    limits::Limiter,
    metadata_limit, panics, protocol,
};
use crate::{
    auth::{self, Authenticator},
    call_scope,
};

/// Services that answer anybody: health checks and reflection.
const PUBLIC: [&str; 2] = ["/grpc.health.", "/grpc.reflection."];

/// The one method of them that is no stream.
const HEALTH_CHECK: &str = "/grpc.health.v1.Health/Check";

/// What calls go through; one for a whole server.
pub(super) struct Pipeline<A> {
    routes: Routes,
    authenticator: Arc<A>,
    limiter: Arc<Limiter>,
}

impl<A> Clone for Pipeline<A> {
    fn clone(&self) -> Self {
        Self {
            routes: self.routes.clone(),
            authenticator: Arc::clone(&self.authenticator),
            limiter: Arc::clone(&self.limiter),
        }
    }
}

impl<A: Authenticator> Pipeline<A> {
    pub(super) fn new(routes: Routes, authenticator: Arc<A>, limits: CallLimits) -> Self {
        Self { routes: routes.prepare(), authenticator, limiter: Arc::new(Limiter::new(limits)) }
    }

    /// Answers a call, whatever happens on the way.
    pub(super) async fn answer<B>(self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<tonic::codegen::StdError>,
    {
        if let Some(refusal) = protocol::refusal(&request) {
            return refusal;
        }
        let request = request.map(Body::new);
        if let Err(status) = metadata_limit::check(request.headers()) {
            return status.into_http();
        }
        if PUBLIC.iter().any(|prefix| request.uri().path().starts_with(prefix)) {
            return panics::caught(self.answer_anybody(request)).await;
        }
        // Whoever streams takes the time it takes, unless he says otherwise.
        let streams = class::streams(request.uri().path());
        let timeouts = if streams { Timeouts::default() } else { self.limiter.timeouts() };
        let deadline = Deadline::of(request.headers(), timeouts).or_else(|| Deadline::unasked(timeouts));
        panics::caught(deadline::bounded(deadline, self.admit_and_route(deadline, request))).await
    }

    /// Checks of health are never refused, since who fails them is taken for dead. A stream can be held open by anybody.
    async fn answer_anybody(self, request: Request<Body>) -> Response<Body> {
        if request.uri().path() == HEALTH_CHECK {
            return self.route(request).await;
        }
        match self.limiter.enter_session() {
            Ok(place) => self.route(request).await.map(|body| {
                Body::new(body.map_frame(move |frame| {
                    let _until_the_stream_ends = &place;
                    frame
                }))
            }),
            Err(status) => status.into_http(),
        }
    }

    /// Places are for those who may call: nobody else keeps them from one.
    async fn admit_and_route(self, deadline: Option<Deadline>, mut request: Request<Body>) -> Response<Body> {
        if let Err(status) = auth::admit(self.authenticator.as_ref(), &mut request).await {
            return status.into_http();
        }
        let tenant = request.extensions().get::<Caller>().map(|caller| &caller.tenant);
        let place = match self.limiter.enter(Class::of(request.uri().path()), tenant) {
            Ok(place) => Arc::new(place),
            Err(status) => return status.into_http(),
        };
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }
        details::completed(call_scope::holding(place, self.route(request)).await)
    }

    async fn route(self, request: Request<Body>) -> Response<Body> {
        self.routes.oneshot(request).await.unwrap_or_else(|never| match never {})
    }
}
