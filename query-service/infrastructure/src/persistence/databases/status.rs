//! How far the databases are, and what is computed in them.

use std::time::Duration;

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use futures_util::{FutureExt, future::join_all};
use query_application::{DatabaseStatus, Freshness, ProjectionStatus, ReadError, ReadStatus, StorageStatus};
use shared_domain::Timestamp;
use shared_infrastructure::database::{TransactionId, Xid8, run};

use super::{
    Databases, choice,
    database::{Database, LOOK_PATIENCE},
};
use crate::persistence::{read_error, snapshot::Snapshot};

impl StorageStatus for Databases {
    async fn status(&self) -> Result<ReadStatus, ReadError> {
        let cluster = &self.0;
        let looked = join_all(cluster.databases.iter().map(|database| database_status(database))).await;
        let (databases, shown): (Vec<_>, Vec<_>) = looked
            .iter()
            .map(|looked| match looked {
                Ok((status, shown)) => (*status, Some(*shown)),
                Err(_) => (DatabaseStatus::OutOfReach, None),
            })
            .unzip();
        let Some(transaction) = shown.into_iter().flatten().min() else {
            // That none can be reached is what was asked for.
            return match looked.into_iter().filter_map(Result::err).find(|error| !is_outage(error)) {
                Some(error) => Err(error),
                None => Ok(ReadStatus { freshness: None, databases, projections: Vec::new() }),
            };
        };
        Ok(ReadStatus {
            freshness: Some(Freshness::of_transaction(transaction)),
            databases,
            projections: self.projections().await?,
        })
    }
}

impl Databases {
    /// Those of the database that the next read would go to; none if all have gone out of reach just now.
    async fn projections(&self) -> Result<Vec<ProjectionStatus>, ReadError> {
        for database in choice::in_order(&self.0.databases, &self.0.turn) {
            let loading = run(&database.looks, LOOK_PATIENCE, |connection| {
                ProjectionsStatement.load::<ProjectionRow>(connection).boxed()
            });
            match loading.await.map_err(read_error::of) {
                Err(error) if is_outage(&error) => {}
                loaded => return Ok(loaded?.into_iter().map(projection).collect()),
            }
        }
        Ok(Vec::new())
    }
}

const fn is_outage(error: &ReadError) -> bool {
    matches!(error, ReadError::Unavailable(_))
}

/// How far a database is, and the newest transaction that whoever reads there sees, with all that were over before it.
async fn database_status(database: &Database) -> Result<(DatabaseStatus, u64), ReadError> {
    let looking = run(&database.looks, LOOK_PATIENCE, |connection| {
        async move { Ok((Snapshot::take(connection).await?, LagStatement.get_result(connection).await?)) }
            .boxed()
    });
    let (snapshot, lag): (Snapshot, Option<i64>) = looking.await.map_err(read_error::of)?;
    let horizon = snapshot.horizon;
    Ok(match snapshot.is_standby {
        true => (DatabaseStatus::Standby { horizon, lag: lag.map(micros) }, horizon - 1),
        false => (DatabaseStatus::Primary { horizon }, snapshot.newest()),
    })
}

/// A time span. What the clocks of two machines make of it may be negative.
fn micros(micros: i64) -> Duration {
    Duration::from_micros(micros.try_into().unwrap_or(0))
}

/// How far a standby is behind, in microseconds, if it has replayed anything since it started. One that is cut off from its primary has replayed all that it received, and that is
/// not enough.
#[derive(Debug, QueryId)]
struct LagStatement;

impl Query for LagStatement {
    type SqlType = Nullable<BigInt>;
}

impl QueryFragment<Pg> for LagStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() \
             AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0 ELSE (EXTRACT(EPOCH FROM \
             clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000000)::bigint END",
        );
        Ok(())
    }
}

/// The name, how far it is, when the last commit in it was made, how old the first one is that it lacks, in microseconds.
type ProjectionRow = (String, TransactionId, Option<Timestamp>, Option<i64>);

/// The projections that are read from.
#[derive(Debug, QueryId)]
struct ProjectionsStatement;

impl Query for ProjectionsStatement {
    type SqlType = (Text, Xid8, Nullable<Timestamptz>, Nullable<BigInt>);
}

impl QueryFragment<Pg> for ProjectionsStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT p.name, p.xid, p.commit_time, \
             (EXTRACT(EPOCH FROM clock_timestamp() - f.commit_time) * 1000000)::bigint FROM projections AS p \
             LEFT JOIN LATERAL (SELECT commit_time FROM order_feed AS f \
             WHERE (f.xid, f.position) > (p.xid, p.position) ORDER BY f.xid, f.position LIMIT 1) AS f ON true \
             WHERE p.state = 'active' ORDER BY p.name",
        );
        Ok(())
    }
}

fn projection((name, TransactionId(transaction), commit_time, lag): ProjectionRow) -> ProjectionStatus {
    ProjectionStatus { name, transaction, commit_time, lag: micros(lag.unwrap_or(0)) }
}
