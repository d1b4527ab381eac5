//! Pages of customers' orders, the newest first, read in batches: what callers ask for while a statement is under way is read by
//! the next one. Only this form of a list is read so: it is what shops ask for all the time, and it walks an index whatever the
//! customer, so that no caller holds up the others.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use diesel::{
    QueryResult, SelectableHelper,
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use query_application::{
    Cursor, Direction, Fresh, Freshness, Listed, Listing, OrderSummary, ReadContext, ReadError, SortField,
    SortKey, Start, Term,
};
use shared_domain::{CustomerId, TenantId, Timestamp};
use shared_infrastructure::{
    batching::{Work, Worth},
    database::{Pool, TransactionId, Xid8, run_unless},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    models::SummaryRow,
    read_error,
    snapshot::{Snapshot, SnapshotEnd},
};

/// Reads over a pool of connections.
pub(super) struct CustomerPagesReader {
    pub(super) pool: Pool,
    /// How long a statement may go unanswered.
    pub(super) patience: Duration,
}

/// The page that one caller asks for.
#[derive(Debug)]
pub(super) struct CustomerPage {
    tenant: TenantId,
    customer: CustomerId,
    /// The last order of the page before.
    after: Option<(Timestamp, Uuid)>,
    /// How many orders at most.
    limit: usize,
}

impl CustomerPage {
    /// The page that the listing is of, if it has this form. One that has to be as new as something is read alone.
    pub(super) fn of(context: &ReadContext, listing: &Listing) -> Option<Self> {
        if context.at_least.is_some() {
            return None;
        }
        let [Term::Customer(customer)] = listing.filter.terms.as_slice() else { return None };
        let after = match &listing.start {
            Start::First(SortField::CreateTime) => None,
            Start::After(Cursor { key: SortKey::CreateTime(time), order }) => Some((*time, order.uuid())),
            _ => return None,
        };
        let (tenant, customer, limit) = (context.tenant.clone(), customer.clone(), listing.limit);
        (listing.direction == Direction::Descending).then_some(Self { tenant, customer, after, limit })
    }
}

/// So many rows of lists are about as much work as one order that is read whole.
const ROWS_PER_WEIGHT: usize = 5;

impl Work for CustomerPagesReader {
    type Item = CustomerPage;
    type Answer = Result<Fresh<Vec<Listed<OrderSummary>>>, ReadError>;

    fn keys(&self, _: &CustomerPage) -> impl Iterator<Item = Uuid> {
        std::iter::empty()
    }

    fn weight(&self, page: &CustomerPage) -> usize {
        page.limit.div_ceil(ROWS_PER_WEIGHT)
    }

    fn worth(&self, _: &CustomerPage) -> Worth {
        Worth::WhileAwaited
    }

    /// To each caller the orders of its page. Damage to one order is no error of the other callers.
    async fn run(&self, batch: Vec<CustomerPage>, worthless: &CancellationToken) -> Vec<Self::Answer> {
        let callers = batch.len();
        let wanted: Arc<[CustomerPage]> = batch.into();
        let reading = run_unless(&self.pool, self.patience, worthless, move |connection| {
            let wanted = Arc::clone(&wanted);
            async move {
                let rows: Vec<(i64, TransactionId, SummaryRow)> =
                    PagesStatement::new(&wanted).load(connection).await?;
                let newest = match rows.as_slice() {
                    [(_, TransactionId(end), _), ..] => end - 1,
                    [] => Snapshot::take(connection).await?.newest(),
                };
                Ok((rows, newest))
            }
            .boxed()
        });
        let (rows, newest) = match reading.await {
            Ok(read) => read,
            Err(failure) => return vec![Err(read_error::of(failure)); callers],
        };
        let mut pages: Vec<Vec<SummaryRow>> = (0..callers).map(|_| vec![]).collect();
        for (caller, _, row) in rows {
            let page = usize::try_from(caller - 1).ok().and_then(|caller| pages.get_mut(caller));
            page.expect("PostgreSQL numbers the callers as they come, from 1").push(row);
        }
        let freshness = Freshness::of_transaction(newest);
        pages.into_iter().map(|page| Ok(Fresh { items: in_order(page)?, freshness })).collect()
    }
}

/// The orders of a page. SQL promises no order of the rows that are joined, though it is this one already.
fn in_order(mut page: Vec<SummaryRow>) -> Result<Vec<Listed<OrderSummary>>, ReadError> {
    page.sort_by_key(|row| Reverse(row.creation()));
    page.into_iter().map(|row| row.listed(SortField::CreateTime)).collect()
}

/// One row per caller and order of its page. Its text is always the same, so that it stays prepared.
///
/// `OFFSET 0` is a wall for the planner: not seeing how many pages there are, it has no reason to plan anew for every batch. A
/// first page starts before everything.
#[derive(QueryId)]
struct PagesStatement {
    columns: AsSelect<SummaryRow, Pg>,
    tenants: Vec<String>,
    customers: Vec<String>,
    times: Vec<Option<Timestamp>>,
    orders: Vec<Option<Uuid>>,
    limits: Vec<i64>,
}

impl PagesStatement {
    fn new(batch: &[CustomerPage]) -> Self {
        Self {
            columns: SummaryRow::as_select(),
            tenants: batch.iter().map(|page| page.tenant.as_str().to_owned()).collect(),
            customers: batch.iter().map(|page| page.customer.as_str().to_owned()).collect(),
            times: batch.iter().map(|page| page.after.map(|(time, _)| time)).collect(),
            orders: batch.iter().map(|page| page.after.map(|(_, order)| order)).collect(),
            limits: batch.iter().map(|page| i64::try_from(page.limit).unwrap_or(i64::MAX)).collect(),
        }
    }
}

impl Query for PagesStatement {
    type SqlType = (BigInt, Xid8, SqlTypeOf<AsSelect<SummaryRow, Pg>>);
}

impl QueryFragment<Pg> for PagesStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT k.caller, ");
        SnapshotEnd.walk_ast(out.reborrow())?;
        out.push_sql(", page.* FROM (SELECT ");
        out.push_bind_param::<Array<Text>, Vec<String>>(&self.tenants)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, Vec<String>>(&self.customers)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Timestamptz>>, Vec<Option<Timestamp>>>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<SqlUuid>>, Vec<Option<Uuid>>>(&self.orders)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, Vec<i64>>(&self.limits)?;
        out.push_sql(
            " OFFSET 0) AS p (tenants, customers, times, orders, limits), \
             unnest(p.tenants, p.customers, p.times, p.orders, p.limits) WITH ORDINALITY \
             AS k (tenant_id, customer_id, create_time, order_id, most, caller), LATERAL (SELECT ",
        );
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(
            " FROM order_summaries WHERE tenant_id = k.tenant_id AND customer_id = k.customer_id \
             AND (create_time, order_id) < (coalesce(k.create_time, 'infinity'), \
             coalesce(k.order_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) \
             ORDER BY create_time DESC, order_id DESC LIMIT k.most) AS page",
        );
        Ok(())
    }
}
