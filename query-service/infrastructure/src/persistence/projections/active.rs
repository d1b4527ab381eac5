//! What the projections that are read have in them.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Nullable, Timestamptz},
};
use diesel_async::RunQueryDsl;
use shared_domain::Timestamp;
use shared_infrastructure::database::{Connection, TransactionId, Xid8};

/// Whether a projection has in it what a transaction, which the database shows, and those before it committed.
pub(super) fn covers(next: Option<TransactionId>, demanded: Option<u64>) -> bool {
    match (next, demanded) {
        (Some(TransactionId(next)), Some(demanded)) => demanded < next,
        _ => true,
    }
}

/// Whether words can be searched, and what is found is as new as this transaction.
pub(super) async fn covers_search(connection: &mut Connection, demanded: Option<u64>) -> QueryResult<bool> {
    let rows: Vec<Option<TransactionId>> = SearchCoverage.load(connection).await?;
    Ok(rows.into_iter().next().is_some_and(|next| covers(next, demanded)))
}

/// One row with the transaction of the first commit that the search lacks, if it lacks any; none while there is no search.
#[derive(Debug, QueryId)]
struct SearchCoverage;

impl Query for SearchCoverage {
    type SqlType = Nullable<Xid8>;
}

impl QueryFragment<Pg> for SearchCoverage {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT next_xid FROM active_projections WHERE name = 'order_search'");
        Ok(())
    }
}

/// A time, by the clock of the primary: the next statement sees everything that was committed until then. A standby that has
/// replayed nothing yet knows none.
pub(super) async fn database_time(connection: &mut Connection) -> QueryResult<Option<Timestamp>> {
    let rows: Vec<Option<Timestamp>> = DatabaseTime.load(connection).await?;
    Ok(rows.into_iter().next().flatten())
}

#[derive(Debug, QueryId)]
struct DatabaseTime;

impl Query for DatabaseTime {
    type SqlType = Nullable<Timestamptz>;
}

impl QueryFragment<Pg> for DatabaseTime {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() ELSE clock_timestamp() END",
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_covers_what_comes_before_the_first_commit_that_it_lacks() {
        let next = |next| Some(TransactionId(next));
        assert!(covers(next(7), None) && covers(None, Some(9)) && covers(next(7), Some(6)));
        assert!(!covers(next(7), Some(7)) && !covers(next(7), Some(8)));
    }
}
