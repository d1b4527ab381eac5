//! Publishing again what was published before, as when a stream was lost: the relay's cursor goes back.

use std::time::Duration;

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use shared_domain::Timestamp;
use shared_infrastructure::database::{self, Connection, Pool, StatementError};

use super::lease::NAME;

/// Has the relay that leads, or leads next, publish again all that was committed at `since` or later. Answers with the number of these
/// commits. Parked orders stay parked; what is published of them later begins there too.
///
/// # Errors
/// [`StatementError`].
pub async fn publish_again(pool: &Pool, since: Timestamp, patience: Duration) -> Result<i64, StatementError> {
    database::run(pool, patience, move |connection| rewind(connection, since).boxed()).await
}

#[derive(QueryableByName)]
struct Rewound {
    #[diesel(sql_type = BigInt)]
    commits: i64,
}

/// The first commit of the feed that is not older, rather than all that are not: what lies behind it may have an earlier time, by the
/// length of a statement. The cursor only ever goes back.
async fn rewind(connection: &mut Connection, since: Timestamp) -> QueryResult<i64> {
    let query = sql_query(
        "WITH begin AS (SELECT xid, position - 1 AS position FROM order_history WHERE commit_time >= $2 \
         ORDER BY order_history.xid, order_history.position LIMIT 1), \
         again AS (SELECT h.tenant_id, h.order_id, h.version FROM begin AS b \
         JOIN order_history AS h ON (h.xid, h.position) > (b.xid, b.position)), \
         moved AS (UPDATE feed_cursors AS c SET xid = b.xid, position = b.position, update_time = clock_timestamp() \
         FROM begin AS b WHERE c.name = $1 AND (c.xid, c.position) > (b.xid, b.position)), \
         parked AS (UPDATE parked_orders AS p SET version = a.version, event_index = 0 \
         FROM (SELECT tenant_id, order_id, min(again.version) AS version FROM again \
         JOIN parked_orders USING (tenant_id, order_id) GROUP BY tenant_id, order_id) AS a \
         WHERE p.tenant_id = a.tenant_id AND p.order_id = a.order_id AND a.version < p.version) \
         SELECT count(*) AS commits FROM again",
    );
    let query = query.bind::<Text, _>(NAME).bind::<Timestamptz, _>(since);
    Ok(query.get_result::<Rewound>(connection).await?.commits)
}
