//! What a parked order has held back.

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Binary, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use shared_domain::Timestamp;
use shared_infrastructure::{
    database::{Connection, TransactionId, Xid8},
    feed::{FeedEntry, FeedPosition},
};
use uuid::Uuid;

/// The commits of an order from a version on that stand before a place in the feed.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    pub(super) tenant: String,
    pub(super) order: Uuid,
    pub(super) from: i64,
    pub(super) end: FeedPosition,
}

/// The first of these commits, at most `limit`.
pub(super) async fn read(
    connection: &mut Connection,
    rest: &Rest,
    limit: i64,
) -> QueryResult<Vec<FeedEntry>> {
    let query = sql_query(
        "SELECT tenant_id, order_id, version, commit_time, actor_kind, actor_subject, events, traceparent, xid, position \
         FROM order_feed WHERE tenant_id = $1 AND order_id = $2 AND version >= $3 AND (xid, position) <= ($4, $5) \
         ORDER BY version LIMIT $6",
    );
    let query = query
        .bind::<Text, _>(&rest.tenant)
        .bind::<SqlUuid, _>(rest.order)
        .bind::<BigInt, _>(rest.from)
        .bind::<Xid8, _>(rest.end.transaction)
        .bind::<BigInt, _>(rest.end.position)
        .bind::<BigInt, _>(limit);
    let rows: Vec<CommitRow> = query.load(connection).await?;
    Ok(rows.into_iter().map(FeedEntry::from).collect())
}

#[derive(QueryableByName)]
struct CommitRow {
    #[diesel(sql_type = Text)]
    tenant_id: String,
    #[diesel(sql_type = SqlUuid)]
    order_id: Uuid,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Timestamptz)]
    commit_time: Timestamp,
    #[diesel(sql_type = SmallInt)]
    actor_kind: i16,
    #[diesel(sql_type = Text)]
    actor_subject: String,
    #[diesel(sql_type = Binary)]
    events: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    traceparent: Option<String>,
    #[diesel(sql_type = Xid8)]
    xid: TransactionId,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

impl From<CommitRow> for FeedEntry {
    fn from(row: CommitRow) -> Self {
        Self {
            tenant: row.tenant_id,
            order: row.order_id,
            version: row.version,
            commit_time: row.commit_time,
            actor_kind: row.actor_kind,
            actor_subject: row.actor_subject,
            request: None,
            events: row.events.into(),
            published_state: None,
            previous_state: None,
            traceparent: row.traceparent,
            position: FeedPosition { transaction: row.xid, position: row.position },
        }
    }
}
