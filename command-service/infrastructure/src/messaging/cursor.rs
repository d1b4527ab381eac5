//! How far the relay has got: everything up to its cursor is acknowledged, or of a parked order.

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use shared_infrastructure::{
    database::{Connection, TransactionId, Xid8},
    feed::FeedPosition,
};
use uuid::Uuid;

use super::lease::{HELD, NAME};

#[derive(QueryableByName)]
struct CursorRow {
    #[diesel(sql_type = Xid8)]
    xid: TransactionId,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

/// Where to read on.
pub(super) async fn read(connection: &mut Connection) -> QueryResult<FeedPosition> {
    let query = sql_query("SELECT xid, position FROM feed_cursors WHERE name = $1").bind::<Text, _>(NAME);
    let rows: Vec<CursorRow> = query.load(connection).await?;
    let row = rows.into_iter().next();
    Ok(row.map_or(FeedPosition::START, |row| FeedPosition { transaction: row.xid, position: row.position }))
}

/// Moves the cursor from one place to another, if `holder` still has the lease and nobody has moved it since: whether it did.
pub(super) async fn advance(
    connection: &mut Connection,
    holder: Uuid,
    (begin, end): (FeedPosition, FeedPosition),
) -> QueryResult<bool> {
    let update = sql_query(format!(
        "UPDATE feed_cursors SET xid = $3, position = $4, update_time = clock_timestamp() \
         WHERE name = $1 AND xid = $5 AND position = $6 AND {HELD}"
    ));
    let update = update
        .bind::<Text, _>(NAME)
        .bind::<SqlUuid, _>(holder)
        .bind::<Xid8, _>(end.transaction)
        .bind::<BigInt, _>(end.position)
        .bind::<Xid8, _>(begin.transaction)
        .bind::<BigInt, _>(begin.position);
    Ok(update.execute(connection).await? == 1)
}
