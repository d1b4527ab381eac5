//! The statement that reads orders: one row per key, with whatever there is. It sees one moment, and looks nothing up but by
//! the first columns of an index. `OFFSET 0` is a wall for the planner: without it, it would rather read all requests on a table that
//! it knows nothing of yet.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::{
    models::{
        AnswerRow, AnswerSql, OrderAdjustmentRow, OrderLineRow, OrderRow, PaymentRow, PaymentTransactionRow,
        ShipmentRow,
    },
    row::{PartRow, RecordOf, Row, SqlOf},
};

/// The parts of an order; none where the order has none.
type Parts<R> = Nullable<Array<RecordOf<R>>>;

/// One row of what is found. The first column is the number of the key, from 1.
pub(super) type LoadedRow = (
    i64,
    Option<OrderRow>,
    Option<Vec<OrderLineRow>>,
    Option<Vec<OrderAdjustmentRow>>,
    Option<Vec<PaymentRow>>,
    Option<Vec<PaymentTransactionRow>>,
    Option<Vec<ShipmentRow>>,
    Option<AnswerRow>,
);

/// See the module.
#[derive(Default)]
pub(super) struct LoadStatement {
    pub(super) tenants: Vec<String>,
    pub(super) orders: Vec<Uuid>,
    pub(super) requests: Vec<Option<Uuid>>,
}

impl Query for LoadStatement {
    type SqlType = (
        BigInt,
        Nullable<SqlOf<OrderRow>>,
        Parts<OrderLineRow>,
        Parts<OrderAdjustmentRow>,
        Parts<PaymentRow>,
        Parts<PaymentTransactionRow>,
        Parts<ShipmentRow>,
        Nullable<AnswerSql>,
    );
}

impl QueryId for LoadStatement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for LoadStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT k.member");
        select(OrderRow::COLUMNS, "o", &mut out);
        parts::<OrderLineRow>("line_count", &mut out);
        parts::<OrderAdjustmentRow>("adjustment_count", &mut out);
        parts::<PaymentRow>("payment_count", &mut out);
        parts::<PaymentTransactionRow>("payment_count", &mut out);
        parts::<ShipmentRow>("shipment_count", &mut out);
        select(AnswerRow::COLUMNS, "h", &mut out);
        out.push_sql(" FROM unnest(");
        out.push_bind_param::<Array<Text>, Vec<String>>(&self.tenants)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, Vec<Uuid>>(&self.orders)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<SqlUuid>>, Vec<Option<Uuid>>>(&self.requests)?;
        out.push_sql(
            ") WITH ORDINALITY AS k (tenant_id, order_id, request_id, member) \
             LEFT JOIN orders AS o ON o.tenant_id = k.tenant_id AND o.order_id = k.order_id \
             LEFT JOIN LATERAL (SELECT * FROM order_history AS h \
             WHERE h.tenant_id = k.tenant_id AND h.request_id = k.request_id AND h.request_part = 0 OFFSET 0) AS h ON true",
        );
        Ok(())
    }
}

fn select(columns: &[&str], table: &str, out: &mut AstPass<'_, '_, Pg>) {
    for column in columns {
        out.push_sql(&format!(", {table}.{column}"));
    }
}

/// The parts of the order, read only if it has any: `count` is the column that says how many.
fn parts<R: PartRow>(count: &str, out: &mut AstPass<'_, '_, Pg>) {
    let columns: Vec<_> = R::COLUMNS.iter().map(|column| format!("p.{column}")).collect();
    out.push_sql(&format!(
        ", CASE WHEN o.{count} > 0 THEN ARRAY(SELECT ROW({}) FROM {} AS p \
         WHERE p.tenant_id = o.tenant_id AND p.order_id = o.order_id ORDER BY p.{}) END",
        columns.join(", "),
        R::TABLE,
        R::NUMBER,
    ));
}
