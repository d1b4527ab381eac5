//! Commits.

use diesel::prelude::*;
use orders_proto::orders::v1;
use query_application::{HistoryEntry, ReadError};
use shared_domain::{Actor, ActorKind, OrderId, Timestamp};
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
}

impl TryFrom<HistoryRow> for HistoryEntry {
    type Error = ReadError;

    fn try_from(row: HistoryRow) -> Result<Self, ReadError> {
        let kind = match v1::ActorKind::try_from(i32::from(row.actor_kind)) {
            Ok(v1::ActorKind::User) => ActorKind::User,
            Ok(v1::ActorKind::Service) => ActorKind::Service,
            Ok(v1::ActorKind::System) => ActorKind::System,
            Ok(v1::ActorKind::Provider) => ActorKind::Provider,
            Ok(v1::ActorKind::Unspecified) | Err(_) => {
                let value = row.actor_kind.to_string();
                return Err(CorruptRow { order: row.order_id, column: "actor_kind", value }.into());
            }
        };
        Ok(Self {
            order: OrderId::referring(row.order_id),
            version: row.version,
            commit_time: row.commit_time,
            actor: Actor { kind, subject: row.actor_subject },
            request: row.request_id,
            events: row.events.into(),
        })
    }
}
