//! Rows of `order_history`: one commit each. The database adds the transaction's id and the position.

use command_application::ChangeSet;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use orders_proto::orders::v1::OrderHistoryEntry;
use prost::Message as _;
use shared_domain::Timestamp;
use shared_infrastructure::wire::enums;
use uuid::Uuid;

use super::{
    order_model::bigint,
    stored::{integer, smallint},
};
use crate::{persistence::row::row, published};

row! {
    /// A commit of an order.
    HistoryRow {
        version: BigInt => i64,
        commit_time: Timestamptz => Timestamp,
        actor_kind: SmallInt => i16,
        actor_subject: Text => String,
        request_id: Nullable<SqlUuid> => Option<Uuid>,
        request_part: Integer => i32,
        request_hash: Nullable<Binary> => Option<Vec<u8>>,
        events: Binary => Vec<u8>,
        published_state: Nullable<Binary> => Option<Vec<u8>>,
        traceparent: Nullable<Text> => Option<String>,
    }
}

impl From<&ChangeSet> for HistoryRow {
    fn from(change: &ChangeSet) -> Self {
        let (order, request) = (change.order.snapshot(), change.request);
        let events =
            OrderHistoryEntry { events: published::events(change.order.events()), ..Default::default() };
        let published = || published::order(order).encode_to_vec();
        Self {
            version: bigint(order.version),
            commit_time: order.times.update,
            actor_kind: smallint(enums::actor_kind::number(change.actor.kind)),
            actor_subject: change.actor.subject.clone(),
            request_id: request.map(|request| request.id),
            request_part: request.map_or(0, |request| integer(request.part)),
            request_hash: request.map(|request| request.hash.to_vec()),
            events: events.encode_to_vec(),
            published_state: (!change.order.is_deleted()).then(published),
            traceparent: change.traceparent.clone(),
        }
    }
}
