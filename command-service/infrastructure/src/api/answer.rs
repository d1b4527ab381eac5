//! Answers: the published state, with the consistency token of its commit.

use command_application::{Committed, Outcome};
use orders_proto::{EncodedOrder, orders::v1 as proto};
use shared_infrastructure::tokens;
use tonic::{Response, metadata::MetadataValue};

/// The kind of a consistency token, so that it is not taken for another.
const CONSISTENCY_TOKEN: u8 = b'C';

/// The order that a command was about, as it stands after the commit; nothing once it is deleted.
pub(crate) fn order(committed: &Committed) -> EncodedOrder {
    let published = committed.published.as_ref().map(|published| published.0.as_slice()).unwrap_or_default();
    let token = proto::Order { consistency_token: token(committed), ..proto::Order::default() };
    EncodedOrder::merged(published, &token)
}

/// A response with the metadata that every answer to a mutation has.
pub(crate) fn response<T>(message: T, outcome: &Outcome) -> Response<T> {
    let mut response = Response::new(message);
    let metadata = response.metadata_mut();
    let token = outcome.orders.last().map(token).filter(|token| !token.is_empty());
    if let Some(token) = token.and_then(|token| MetadataValue::try_from(token).ok()) {
        metadata.insert("order-consistency-token", token);
    }
    if outcome.replayed {
        metadata.insert("idempotent-replay", MetadataValue::from_static("true"));
    }
    response
}

/// Stands for "at least as new as this commit": its transaction, its order, its version. Empty if nothing was committed.
fn token(committed: &Committed) -> String {
    if committed.transaction_id == 0 {
        return String::new();
    }
    let mut content = committed.transaction_id.to_be_bytes().to_vec();
    content.extend_from_slice(committed.order.uuid().as_bytes());
    content.extend_from_slice(&committed.version.to_be_bytes());
    tokens::seal(CONSISTENCY_TOKEN, &content)
}
