//! Commits.

use diesel::prelude::*;
use query_application::{HistoryEntry, ReadError};
use shared_domain::{Actor, OrderId, Timestamp};
use shared_infrastructure::{database::TransactionId, wire::enums};
use uuid::Uuid;

use crate::persistence::{read_error::CorruptRow, views::order_history_entries};

/// One commit.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = order_history_entries, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct HistoryRow {
    order_id: Uuid,
    version: i64,
    commit_time: Timestamp,
    actor_kind: i16,
    actor_subject: String,
    request_id: Option<Uuid>,
    events: Vec<u8>,
    xid: TransactionId,
}

impl TryFrom<HistoryRow> for HistoryEntry {
    type Error = ReadError;

    fn try_from(row: HistoryRow) -> Result<Self, ReadError> {
        let kind = enums::actor_kind::from_number(row.actor_kind.into()).ok_or_else(|| {
            let value = row.actor_kind.to_string();
            CorruptRow { order: row.order_id, column: "actor_kind", value }
        })?;
        Ok(Self {
            order: OrderId::referring(row.order_id),
            version: row.version,
            commit_time: row.commit_time,
            actor: Actor { kind, subject: row.actor_subject },
            request: row.request_id,
            events: row.events.into(),
            transaction: row.xid.0,
        })
    }
}
