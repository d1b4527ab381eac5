//! The statement that reads a tenant's orders as they were.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Nullable, Text, Uuid as SqlUuid},
};
use shared_infrastructure::database::{TransactionId, Xid8};
use uuid::Uuid;

/// How far the database is, and with it, at least once, an order there is, with its last state below the wanted horizon if it had one by
/// then. Its text is always the same, so that it stays prepared. `OFFSET 0` has the states looked up order by order, whatever the planner believes of the table.
#[derive(Debug, Clone, QueryId)]
pub(super) struct OrdersAsOfStatement {
    pub(super) tenant: String,
    /// The nil UUID stands before all others.
    pub(super) after: Uuid,
    pub(super) horizon: TransactionId,
    pub(super) limit: i64,
}

/// The horizon of the database, the order, and its state.
pub(super) type OrderRow = (TransactionId, Option<Uuid>, Option<Vec<u8>>);

impl Query for OrdersAsOfStatement {
    type SqlType = (Xid8, Nullable<SqlUuid>, Nullable<Binary>);
}

impl QueryFragment<Pg> for OrdersAsOfStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT d.horizon, o.order_id, h.published_state \
             FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon) AS d \
             LEFT JOIN (SELECT tenant_id, order_id FROM order_summaries WHERE tenant_id = ",
        );
        out.push_bind_param::<Text, _>(&self.tenant)?;
        out.push_sql(" AND order_id > ");
        out.push_bind_param::<SqlUuid, _>(&self.after)?;
        out.push_sql(" ORDER BY order_id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(
            ") AS o ON true LEFT JOIN LATERAL (SELECT f.published_state FROM order_feed AS f \
             WHERE f.tenant_id = o.tenant_id AND f.order_id = o.order_id AND f.xid < ",
        );
        out.push_bind_param::<Xid8, _>(&self.horizon)?;
        out.push_sql(" ORDER BY f.version DESC LIMIT 1 OFFSET 0) AS h ON true ORDER BY o.order_id");
        Ok(())
    }
}
