//! Answers: the published state, with the consistency token of its commit.

use command_application::{Committed, Outcome};
use orders_proto::{EncodedOrder, orders::v1 as proto};
use shared_infrastructure::{database::TransactionId, tokens::ConsistencyToken};
use tonic::{Response, metadata::MetadataValue};

/// The order that a command was about, as it stands after the commit; nothing once it is deleted.
pub(crate) fn order(committed: &Committed) -> EncodedOrder {
    let published = committed.published.as_ref().map(|published| published.0.as_slice()).unwrap_or_default();
    let consistency_token = token(committed).map(ConsistencyToken::sealed).unwrap_or_default();
    let token = proto::Order { consistency_token, ..proto::Order::default() };
    EncodedOrder::merged(published, &token)
}

/// A response with the metadata that every answer to a mutation has.
pub(crate) fn response<T>(message: T, outcome: &Outcome) -> Response<T> {
    let mut response = Response::new(message);
    let metadata = response.metadata_mut();
    if let Some(token) = outcome.orders.last().and_then(token) {
        token.add_to(metadata);
    }
    if outcome.replayed {
        metadata.insert("idempotent-replay", MetadataValue::from_static("true"));
    }
    response
}

/// Stands for "at least as new as this commit"; `None` if nothing was committed.
fn token(committed: &Committed) -> Option<ConsistencyToken> {
    let transaction = TransactionId(committed.transaction_id);
    let commit = Some((committed.order, committed.version.cast_signed()));
    (transaction.0 > 0).then_some(ConsistencyToken { transaction, commit })
}
