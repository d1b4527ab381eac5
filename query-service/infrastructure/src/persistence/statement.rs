//! Parts of SQL that diesel does not bring.

use diesel::{
    QueryResult,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool},
};
use query_application::Direction;

/// `(left) > (right)`, compared as rows, which an index over the columns of the left side answers in one range scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beyond<L, R> {
    left: L,
    direction: Direction,
    right: R,
}

/// Whether the row `left` comes after the row `right` when sorted in this direction.
pub(super) fn beyond<L, R>(left: L, direction: Direction, right: R) -> Beyond<L, R> {
    Beyond { left, direction, right }
}

impl<L: QueryFragment<Pg>, R: QueryFragment<Pg>> QueryFragment<Pg> for Beyond<L, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(");
        self.left.walk_ast(out.reborrow())?;
        out.push_sql(match self.direction {
            Direction::Ascending => ") > (",
            Direction::Descending => ") < (",
        });
        self.right.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<L: Expression, R: Expression> Expression for Beyond<L, R> {
    type SqlType = Bool;
}

impl<L, R> QueryId for Beyond<L, R> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<L, R> ValidGrouping<()> for Beyond<L, R> {
    type IsAggregate = is_aggregate::No;
}

impl<L: AppearsOnTable<S>, R: AppearsOnTable<S>, S> AppearsOnTable<S> for Beyond<L, R> where Self: Expression {}

impl<L: SelectableExpression<S>, R: SelectableExpression<S>, S> SelectableExpression<S> for Beyond<L, R> where
    Self: AppearsOnTable<S>
{
}

/// How many rows lists read: few numbers, so that few statements are prepared. The usual sizes of pages are among them, each with
/// the row that tells whether another page follows.
const ROWS: [usize; 4] = [21, 51, 101, 201];

/// The first rows of a query: as many as are asked for, or some more. Their number stands in the text. If it were bound, a plan
/// for any number would be one for a tenth of all rows; next to it, planning anew for every call looks cheap.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtLeast<Q> {
    pub(super) rows: usize,
    pub(super) query: Q,
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for AtLeast<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        let rows = ROWS.into_iter().find(|rows| *rows >= self.rows).unwrap_or(self.rows);
        out.push_sql(&format!(" LIMIT {rows}"));
        Ok(())
    }
}

impl<Q: Query> Query for AtLeast<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for AtLeast<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// A statement that is composed for the call. It is kept prepared only if there are few of its form: a connection keeps
/// whatever it has prepared for as long as it lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Composed<Q> {
    pub(super) query: Q,
    pub(super) keep_prepared: bool,
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Composed<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.keep_prepared {
            out.unsafe_to_cache_prepared();
        }
        self.query.walk_ast(out)
    }
}

impl<Q: Query> Query for Composed<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for Composed<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// How many rows a query has; `most` if there are more, which are not read.
#[derive(Debug, Clone, Copy)]
pub(super) struct CountUpTo<Q> {
    pub(super) most: usize,
    pub(super) query: Q,
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for CountUpTo<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}) some_rows", self.most));
        Ok(())
    }
}

impl<Q> Query for CountUpTo<Q> {
    type SqlType = BigInt;
}

impl<Q> QueryId for CountUpTo<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
