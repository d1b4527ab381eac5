//! The first part of every statement that applies a page: it moves the cursor, and all else follows only if it did.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::AstPass,
    sql_types::{BigInt, Integer, Text, Timestamptz},
};
use shared_infrastructure::{database::Xid8, feed::FeedPosition};

use super::generations::Generation;

/// How far a generation gets by a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moving {
    /// The generation, as it was when the page was read.
    pub(super) generation: Generation,
    /// The place of the page's last commit.
    pub(super) to: FeedPosition,
    /// When that was committed.
    pub(super) commit_time: DateTime<Utc>,
}

impl Moving {
    /// Writes `moved`, a relation of one row with the `generation`, or of none if it is elsewhere by now.
    ///
    /// A generation cannot tell by the times of commits until when it is complete, since they are not committed in their order. So
    /// now and then a mark is made: whatever is committed by then has a transaction below the mark's.
    pub(super) fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self { generation, to, commit_time } = self;
        out.push_sql("WITH moved AS (UPDATE projections SET xid = ");
        out.push_bind_param::<Xid8, _>(&to.transaction)?;
        out.push_sql(", position = ");
        out.push_bind_param::<BigInt, _>(&to.position)?;
        out.push_sql(", commit_time = ");
        out.push_bind_param::<Timestamptz, _>(commit_time)?;
        for (column, passed, otherwise) in [
            ("complete_time", "mark_time", "complete_time"),
            ("mark_time", "now()", "mark_time"),
            ("mark_xid", "pg_snapshot_xmax(pg_current_snapshot())", "mark_xid"),
        ] {
            out.push_sql(&format!(", {column} = CASE WHEN mark_xid <= "));
            out.push_bind_param::<Xid8, _>(&to.transaction)?;
            out.push_sql(&format!(" THEN {passed} ELSE {otherwise} END"));
        }
        out.push_sql(" WHERE name = ");
        out.push_bind_param::<Text, _>(generation.projection.name())?;
        out.push_sql(" AND generation = ");
        out.push_bind_param::<Integer, _>(&generation.number)?;
        out.push_sql(" AND state <> 'retired' AND xid = ");
        out.push_bind_param::<Xid8, _>(&generation.cursor.transaction)?;
        out.push_sql(" AND position = ");
        out.push_bind_param::<BigInt, _>(&generation.cursor.position)?;
        out.push_sql(" RETURNING generation)");
        Ok(())
    }
}
