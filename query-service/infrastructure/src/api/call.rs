//! What all reads have in common: for whom they are, until when, how new they have to be, and how new the answer is.

use std::time::Instant;

use query_application::{Freshness, ReadContext};
use shared_domain::TenantId;
use shared_infrastructure::{
    auth, database::TransactionId, errors::ErrorReason, grpc::Deadline, tokens::ConsistencyToken,
};
use tonic::{Request, Response, Status};

use super::violations::Violations;

/// The parts of a call that are the same for every read.
#[derive(Debug)]
pub(super) struct Call {
    /// The caller's tenant.
    pub(super) tenant: TenantId,
    deadline: Option<Instant>,
}

impl Call {
    /// The call that `request` is of. It has been authenticated.
    pub(super) fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let deadline = request.extensions().get::<Deadline>().and_then(|deadline| deadline.asked());
        Ok(Self { tenant: auth::caller(request)?.tenant, deadline })
    }

    /// What the read has to respect.
    pub(super) fn context(self, at_least: Option<Freshness>) -> ReadContext {
        ReadContext { tenant: self.tenant, at_least, deadline: self.deadline }
    }
}

/// How new a request demands the answer to be; nothing at all if its token is none.
pub(super) fn at_least(token: &str, violations: &mut Violations) -> Option<Option<Freshness>> {
    if token.is_empty() {
        return Some(None);
    }
    let opened = ConsistencyToken::opened(token)
        .ok_or("must be a consistency token of this service, as it was received");
    let token = violations.check("consistency_token", ErrorReason::InvalidConsistencyToken, opened)?;
    Some(Some(Freshness { transaction: token.transaction.0, commit: token.commit }))
}

/// An answer, with the token of what it was made from.
pub(super) fn answer<T>(message: T, freshness: Option<Freshness>) -> Response<T> {
    let mut response = Response::new(message);
    if let Some(freshness) = freshness {
        token(freshness).add_to(response.metadata_mut());
    }
    response
}

/// The token that stands for it.
pub(super) fn token(Freshness { transaction, commit }: Freshness) -> ConsistencyToken {
    ConsistencyToken { transaction: TransactionId(transaction), commit }
}
