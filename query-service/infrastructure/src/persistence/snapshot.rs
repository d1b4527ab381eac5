//! What a database shows: which transactions a statement sees, and whether that is new enough.
//!
//! On a primary, a snapshot lists the transactions under way. On a standby it lists none: there, only what lies below the oldest
//! of them is known to be over.

use diesel::{
    QueryResult,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Bool, Text},
};
use diesel_async::RunQueryDsl;
use shared_infrastructure::database::{Connection, Xid8};

/// What a statement sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// Whether the database follows another one.
    pub(super) is_standby: bool,
    /// All transactions below this one are over: their effects are seen, if they have any.
    pub(super) horizon: u64,
    /// No transaction from this one on is seen. The one before it is over.
    end: u64,
    /// Those from the horizon on that are under way; none on a standby, which does not tell.
    under_way: Vec<u64>,
}

impl Snapshot {
    /// What a statement that runs now sees.
    pub(super) async fn take(connection: &mut Connection) -> QueryResult<Self> {
        let (is_standby, text): (bool, String) = SnapshotStatement.get_result(connection).await?;
        let snapshot = Self::parse(is_standby, &text);
        Ok(snapshot.expect("PostgreSQL writes snapshots as xmin:xmax:xip,xip"))
    }

    /// What later statements on this connection see at least, taken in such a way that [`Snapshot::shows`] tells for transactions
    /// up to `newest`.
    pub(super) async fn demanded(connection: &mut Connection, newest: u64) -> QueryResult<Self> {
        let snapshot = Self::take(connection).await?;
        if newest < snapshot.horizon || snapshot.is_standby {
            return Ok(snapshot);
        }
        // A standby may have become a primary after it took the snapshot, which then lists nobody. This one is a primary's.
        Self::take(connection).await
    }

    /// Whether a transaction is over, and what it did is seen.
    pub(super) fn shows(&self, transaction: u64) -> bool {
        let is_seen = transaction < self.end && !self.under_way.contains(&transaction);
        transaction < self.horizon || (!self.is_standby && is_seen)
    }

    /// The last transaction that was over. Who sees it and all before it that were over sees what this snapshot shows.
    pub(super) fn newest(&self) -> u64 {
        self.end - 1
    }

    /// Reads `xmin:xmax:xip,xip`.
    fn parse(is_standby: bool, text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let horizon = parts.next()?.parse().ok()?;
        let end = parts.next()?.parse().ok().filter(|end| *end > 0)?;
        let under_way = parts.next()?.split(',').filter(|id| !id.is_empty()).map(str::parse);
        Some(Self { is_standby, horizon, end, under_way: under_way.collect::<Result<_, _>>().ok()? })
    }
}

/// In a list of columns: the first transaction that the statement does not see. It is found out once, however many rows there are.
#[derive(Debug, Clone, Copy, QueryId, ValidGrouping)]
pub(super) struct SnapshotEnd;

impl Expression for SnapshotEnd {
    type SqlType = Xid8;
}

impl QueryFragment<Pg> for SnapshotEnd {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT pg_snapshot_xmax(pg_current_snapshot()))");
        Ok(())
    }
}

impl<S> AppearsOnTable<S> for SnapshotEnd {}
impl<S> SelectableExpression<S> for SnapshotEnd {}

#[derive(Debug, QueryId)]
struct SnapshotStatement;

impl Query for SnapshotStatement {
    type SqlType = (Bool, Text);
}

impl QueryFragment<Pg> for SnapshotStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT pg_is_in_recovery(), pg_current_snapshot()::text");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_primary_shows_what_is_over() {
        let snapshot = Snapshot::parse(false, "10:20:10,14,15").unwrap();
        let shown: Vec<_> = (8..22).filter(|transaction| snapshot.shows(*transaction)).collect();
        assert_eq!(shown, [8, 9, 11, 12, 13, 16, 17, 18, 19]);
        assert_eq!(snapshot.newest(), 19);
        assert!(Snapshot::parse(false, "20:20:").unwrap().shows(19));
    }

    #[test]
    fn a_standby_shows_what_lies_below_the_horizon() {
        let snapshot = Snapshot::parse(true, "10:20:").unwrap();
        assert!((8..22).all(|transaction| snapshot.shows(transaction) == (transaction < 10)));
    }

    #[test]
    fn what_is_no_snapshot_is_none() {
        for text in ["", "1", "1:2", "1:2:x", "x:2:", "1:0:", "1:-2:", "1:2:3:4"] {
            assert_eq!(Snapshot::parse(false, text), None, "{text}");
        }
    }
}
