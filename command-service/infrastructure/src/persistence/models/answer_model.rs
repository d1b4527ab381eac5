//! Rows of `order_history`, read as the answers they were.

use command_application::{Answer, Committed, PublishedOrder};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Binary, Nullable, Uuid as SqlUuid},
};
use shared_domain::{BrokenInvariant, OrderId};
use shared_infrastructure::database::{TransactionId, Xid8};
use uuid::Uuid;

use crate::persistence::schema::order_history;

/// The SQL type of an [`AnswerRow`].
pub(in crate::persistence) type AnswerSql = (SqlUuid, BigInt, Nullable<Binary>, Nullable<Binary>, Xid8);

/// A commit, as the answer to the request that it was for.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = order_history, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct AnswerRow {
    order_id: Uuid,
    version: i64,
    request_hash: Option<Vec<u8>>,
    published_state: Option<Vec<u8>>,
    xid: TransactionId,
}

impl AnswerRow {
    /// The columns, in the order of the fields.
    pub(in crate::persistence) const COLUMNS: &'static [&'static str] =
        &["order_id", "version", "request_hash", "published_state", "xid"];
}

impl TryFrom<AnswerRow> for Answer {
    type Error = BrokenInvariant;

    fn try_from(row: AnswerRow) -> Result<Self, BrokenInvariant> {
        let order = OrderId::referring(row.order_id);
        let version = u64::try_from(row.version).unwrap_or_default();
        let hash = row.request_hash.and_then(|hash| hash.try_into().ok());
        let damaged = BrokenInvariant { order, version, what: "order_history.request_hash" };
        Ok(Self {
            request_hash: hash.ok_or(damaged)?,
            committed: Committed {
                order,
                version,
                published: row.published_state.map(PublishedOrder),
                transaction_id: row.xid.0,
            },
        })
    }
}
