//! The statement that brings the words of orders up to date with a page.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid},
};
use shared_infrastructure::wire;
use uuid::Uuid;

use super::{
    ProjectionError,
    moving::Moving,
    net_changes::NetChange,
    tsvector::{TsVector, TsVectorType},
};

/// See the module. Answers with one row: 1 if the page was applied, 0 if the generation was elsewhere.
#[derive(Debug, QueryId)]
pub(super) struct ApplySearch {
    moving: Moving,
    tenants: Vec<String>,
    orders: Vec<Uuid>,
    create_times: Vec<DateTime<Utc>>,
    documents: Vec<TsVector>,
    gone_tenants: Vec<String>,
    gone_orders: Vec<Uuid>,
}

/// An order was published without the time of its creation.
#[derive(Debug, thiserror::Error)]
#[error("its published state has no create_time")]
struct NoCreateTime;

impl ApplySearch {
    pub(super) fn new(
        moving: Moving,
        changed: Vec<(&NetChange, Option<TsVector>)>,
    ) -> Result<Self, ProjectionError> {
        let mut statement = Self {
            moving,
            tenants: Vec::new(),
            orders: Vec::new(),
            create_times: Vec::new(),
            documents: Vec::new(),
            gone_tenants: Vec::new(),
            gone_orders: Vec::new(),
        };
        for (change, document) in changed {
            let Some(document) = document else {
                statement.gone_tenants.push(change.tenant.clone());
                statement.gone_orders.push(change.order);
                continue;
            };
            let created = change.after.as_ref().and_then(|order| order.create_time).and_then(wire::time);
            let created = created
                .ok_or_else(|| ProjectionError::corrupt(&change.tenant, change.order, NoCreateTime))?;
            statement.tenants.push(change.tenant.clone());
            statement.orders.push(change.order);
            statement.create_times.push(created);
            statement.documents.push(document);
        }
        Ok(statement)
    }
}

impl Query for ApplySearch {
    type SqlType = BigInt;
}

/// `OFFSET 0` has the rows looked up one by one, by their whole key.
impl QueryFragment<Pg> for ApplySearch {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.moving.walk(&mut out)?;
        out.push_sql(
            ", gone AS (DELETE FROM order_search AS r USING (SELECT s.place FROM moved AS m CROSS JOIN unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(&self.gone_tenants)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.gone_orders)?;
        out.push_sql(
            ") AS g (tenant_id, order_id) CROSS JOIN LATERAL (SELECT ctid AS place FROM order_search AS o \
             WHERE o.generation = m.generation AND o.tenant_id = g.tenant_id AND o.order_id = g.order_id OFFSET 0) AS s) AS g \
             WHERE r.ctid = g.place), \
             kept AS (INSERT INTO order_search AS r (generation, tenant_id, order_id, create_time, document) \
             SELECT m.generation, c.tenant_id, c.order_id, c.create_time, c.document FROM moved AS m \
             CROSS JOIN unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(&self.tenants)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.orders)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.create_times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<TsVectorType>, _>(&self.documents)?;
        out.push_sql(
            ") AS c (tenant_id, order_id, create_time, document) ON CONFLICT (generation, tenant_id, order_id) \
             DO UPDATE SET document = excluded.document) SELECT count(*) FROM moved",
        );
        Ok(())
    }
}
