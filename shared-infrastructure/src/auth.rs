//! Who calls, and what they may do: the interface that every authentication provider implements, how its answer reaches a
//! handler, and the scope that each rpc needs.

mod metadata;
mod mtls;
mod none;
mod oidc;
mod peer;
mod provider;
mod refusal;
mod scopes;
mod subject;

use std::future::Future;

use shared_domain::Caller;
use tonic::{Request, Status, metadata::MetadataMap};

pub use mtls::MtlsAuthentication;
pub use none::NoAuthentication;
pub use oidc::OidcAuthentication;
pub use peer::Peer;
pub use provider::Provider;
pub use scopes::{EVERYTHING, require};

use crate::{errors::Failure, telemetry::Repeated};

/// Finds out who makes a call.
pub trait Authenticator: Send + Sync + 'static {
    /// The caller, from the call's metadata and the connection it came over.
    ///
    /// # Errors
    /// The status that the call is refused with.
    fn authenticate(
        &self,
        metadata: &MetadataMap,
        peer: &Peer,
    ) -> impl Future<Output = Result<Caller, Status>> + Send;
}

/// The caller of an authenticated request.
///
/// # Errors
/// INTERNAL if the request never passed the authentication: a fault of the wiring.
pub fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    let found = request.extensions().get::<Caller>().cloned();
    found.ok_or_else(|| Failure::incident("a request reached its handler without a caller").into_status())
}

/// Authenticates `request`, makes sure that its caller may make it, and leaves the [`Caller`] in the extensions, where [`caller`]
/// finds it.
pub(crate) async fn admit<B>(
    authenticator: &impl Authenticator,
    request: &mut http::Request<B>,
) -> Result<(), Status> {
    let peer = request.extensions().get::<Peer>().cloned().unwrap_or_default();
    let metadata = MetadataMap::from_headers(std::mem::take(request.headers_mut()));
    let caller = authenticator.authenticate(&metadata, &peer).await;
    *request.headers_mut() = metadata.into_headers();
    let caller = caller.inspect_err(refused)?;
    scopes::permit(&caller, request.uri().path()).inspect_err(refused)?;
    request.extensions_mut().insert(caller);
    Ok(())
}

/// Says now and then that callers are refused, whoever they are: with their address a stranger could fill the log.
fn refused(status: &Status) {
    static REFUSED: Repeated = Repeated::new();
    if let Some(calls) = REFUSED.happened() {
        tracing::info!(calls, code = ?status.code(), reason = status.message(), "callers are refused");
    }
}
