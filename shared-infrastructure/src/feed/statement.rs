//! The statement that reads the feed.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use shared_domain::Timestamp;
use uuid::Uuid;

use super::{FeedEntry, FeedPosition, FeedRead};
use crate::database::{TransactionId, Xid8};

/// At least one row: the horizon, the moment, and a commit if there is any. The time is that of the transaction's begin, before the
/// statement looks at anything; what PostgreSQL calls the statement's time may come after that. Its text is always the same, so that it stays prepared.
#[derive(Debug, QueryId)]
pub(super) struct FeedStatement(pub(super) FeedRead);

pub(super) type FeedRow = (TransactionId, TransactionId, Option<Timestamp>, Option<EntryRow>);

/// The columns of a commit. `OFFSET 0` has the previous states looked up one by one, whatever the planner believes of the table.
type EntrySql = (
    Text,
    SqlUuid,
    BigInt,
    Timestamptz,
    SmallInt,
    Text,
    Nullable<SqlUuid>,
    Binary,
    Nullable<Binary>,
    Nullable<Binary>,
    Nullable<Text>,
    Xid8,
    BigInt,
);

type EntryRow = (
    String,
    Uuid,
    i64,
    Timestamp,
    i16,
    String,
    Option<Uuid>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<String>,
    TransactionId,
    i64,
);

impl From<EntryRow> for FeedEntry {
    fn from(row: EntryRow) -> Self {
        let (
            tenant,
            order,
            version,
            commit_time,
            actor_kind,
            actor_subject,
            request,
            events,
            now,
            before,
            traceparent,
            ..,
        ) = row;
        Self {
            tenant,
            order,
            version,
            commit_time,
            actor_kind,
            actor_subject,
            request,
            events: events.into(),
            published_state: now.map(Into::into),
            previous_state: before.map(Into::into),
            traceparent,
            position: FeedPosition { transaction: row.11, position: row.12 },
        }
    }
}

impl Query for FeedStatement {
    type SqlType = (Xid8, Xid8, Nullable<Timestamptz>, Nullable<EntrySql>);
}

impl QueryFragment<Pg> for FeedStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let FeedRead { after, limit, with_previous_states } = &self.0;
        out.push_sql(
            "SELECT h.horizon, h.snapshot_end, h.time, e.tenant_id, e.order_id, e.version, e.commit_time, e.actor_kind, e.actor_subject, \
             e.request_id, e.events, e.published_state, p.published_state, e.traceparent, e.xid, e.position \
             FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon, \
             pg_snapshot_xmax(pg_current_snapshot()) AS snapshot_end, \
             CASE WHEN NOT pg_is_in_recovery() THEN now() END AS time) AS h \
             LEFT JOIN LATERAL (SELECT * FROM order_feed AS f WHERE (f.xid, f.position) > (",
        );
        out.push_bind_param::<Xid8, _>(&after.transaction)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&after.position)?;
        out.push_sql(") AND f.xid < h.horizon ORDER BY f.xid, f.position LIMIT ");
        out.push_bind_param::<BigInt, _>(limit)?;
        out.push_sql(
            ") AS e ON true \
             LEFT JOIN LATERAL (SELECT v.published_state FROM order_history_entries AS v WHERE ",
        );
        out.push_bind_param::<Bool, _>(with_previous_states)?;
        out.push_sql(
            " AND v.tenant_id = e.tenant_id AND v.order_id = e.order_id AND v.version = e.version - 1 OFFSET 0) \
             AS p ON true ORDER BY e.xid, e.position",
        );
        Ok(())
    }
}

/// The place of the last commit below a horizon, if there is any.
#[derive(Debug, QueryId)]
pub(super) struct NewestStatement(pub(super) TransactionId);

impl Query for NewestStatement {
    type SqlType = (Xid8, BigInt);
}

impl QueryFragment<Pg> for NewestStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT xid, position FROM order_feed WHERE xid < ");
        out.push_bind_param::<Xid8, _>(&self.0)?;
        out.push_sql(" ORDER BY xid DESC, position DESC LIMIT 1");
        Ok(())
    }
}
