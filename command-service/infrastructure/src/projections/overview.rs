//! Where the projections are, for people.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Double, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use shared_infrastructure::database::{self, Pool, StatementError};

/// Where a generation of a projection is.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ProjectionOverview {
    /// The projection's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The number of the generation.
    #[diesel(sql_type = Integer)]
    pub generation: i32,
    /// `building`, `active` or `retired`.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// The number of the last commit that is in it; 0 if there is none.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    /// When that was committed.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub commit_time: Option<DateTime<Utc>>,
    /// How old the first commit is that it lacks, in seconds; 0 if it lacks none.
    #[diesel(sql_type = Double)]
    pub lag_seconds: f64,
}

/// Where all generations of all projections are.
///
/// # Errors
/// [`StatementError`].
pub async fn overview(pool: &Pool, patience: Duration) -> Result<Vec<ProjectionOverview>, StatementError> {
    database::run(pool, patience, |connection| {
        let query = sql_query(
            "SELECT p.name, p.generation, p.state, p.position, p.commit_time, \
             coalesce(greatest(extract(epoch FROM now() - f.commit_time), 0), 0)::float8 AS lag_seconds \
             FROM projections AS p LEFT JOIN LATERAL (SELECT commit_time FROM order_feed AS o \
             WHERE (o.xid, o.position) > (p.xid, p.position) ORDER BY o.xid, o.position LIMIT 1) AS f ON true \
             ORDER BY p.name, p.generation",
        );
        query.load(connection).boxed()
    })
    .await
}
