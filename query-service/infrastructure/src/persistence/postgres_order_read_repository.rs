//! The read repository over PostgreSQL. Reads by id share statements, and so do pages of customers' orders; of the others, each has
//! its own, but for a page that goes beyond the placed orders, which has two.

use std::{sync::Arc, time::Duration};

use diesel::prelude::*;
use diesel_async::{RunQueryDsl, methods::LoadQuery};
use futures_util::FutureExt;
use query_application::{
    Filter, Fresh, Freshness, HistoryEntry, Listed, Listing, LookupKey, OrderDetails, OrderReadRepository,
    OrderSummary, PastState, ReadContext, ReadError,
};
use shared_domain::{OrderId, Timestamp};
use shared_infrastructure::{
    batching::{Batcher, Limits},
    database::{Connection, Pool, TransactionId},
};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::{
    customer_pages::{CustomerPage, CustomerPagesReader},
    details_reader::{DetailsReader, Wanted},
    filtering::{is_common, matching},
    listing::{stretch, stretches},
    lookup::lookup,
    models::{FullRow, HistoryRow, PastStateRow, SummaryRow},
    read_error,
    session::{self, Connections},
    snapshot::{Snapshot, SnapshotEnd},
    statement::{AtLeast, Composed, CountUpTo},
    views::{order_history_entries as history, order_summaries as summaries},
};

/// Reads the views of a PostgreSQL database. A clone reads through the same pool.
#[derive(Clone)]
pub struct PostgresOrderReadRepository {
    alone: Connections,
    details: Batcher<DetailsReader>,
    customer_pages: Batcher<CustomerPagesReader>,
}

impl PostgresOrderReadRepository {
    /// Reads through `pool`, and in batches, within these limits, through `lanes`. A statement that is not answered within
    /// `patience` is given up.
    #[must_use]
    pub fn new(pool: Pool, lanes: Pool, limits: Limits, patience: Duration) -> Self {
        let tasks = TaskTracker::new();
        let details = DetailsReader { pool: lanes.clone(), patience };
        let customer_pages = CustomerPagesReader { pool: lanes, patience };
        Self {
            alone: Connections { pool, patience },
            details: Batcher::start(details, limits, &tasks),
            customer_pages: Batcher::start(customer_pages, limits, &tasks),
        }
    }

    /// The connections for whatever is read alone.
    pub(super) const fn alone(&self) -> &Connections {
        &self.alone
    }

    /// Those of the orders that exist.
    async fn details(
        &self,
        context: &ReadContext,
        orders: Vec<OrderId>,
    ) -> Result<Vec<OrderDetails>, ReadError> {
        // An order that is in the version demanded, or in a later one, is new enough by itself.
        if let Some(Freshness { commit: Some((order, version)), .. }) = context.at_least
            && orders == [order]
        {
            let found = self.details_seeing(None, context, orders.clone()).await?;
            if found.iter().any(|details| details.version >= version) {
                return Ok(found);
            }
        }
        let demanded = context.at_least.map(|freshness| freshness.transaction);
        self.details_seeing(demanded, context, orders).await
    }

    /// Those of the orders that exist, seen by who sees this transaction too.
    async fn details_seeing(
        &self,
        demanded: Option<u64>,
        context: &ReadContext,
        orders: Vec<OrderId>,
    ) -> Result<Vec<OrderDetails>, ReadError> {
        let wanted = Wanted { tenant: context.tenant.clone(), orders, demanded };
        self.details.call(wanted).await.map_err(read_error::of_not_done)?
    }

    /// All rows of a query.
    async fn rows<Q, U>(&self, context: &ReadContext, query: Q) -> Result<Vec<U>, ReadError>
    where
        Q: LoadQuery<'static, Connection, U> + Clone + Send + Sync + 'static,
        U: Send + 'static,
    {
        session::read_at_least(&self.alone, context, move |connection| query.clone().load(connection).boxed())
            .await
    }
}

/// The rows of a listing, stretch by stretch until there are enough.
macro_rules! rows_of {
    ($row:ty, $repository:expr, $context:expr, $listing:expr) => {{
        let wanted = Arc::new(($context.tenant.clone(), $listing.clone()));
        session::read_at_least(&$repository.alone, $context, move |connection| {
            let wanted = Arc::clone(&wanted);
            async move {
                let (tenant, listing) = &*wanted;
                let keep_prepared = is_common(&listing.filter);
                let (mut rows, mut newest) = (Vec::<($row, TransactionId)>::new(), None);
                for part in stretches(&listing.start) {
                    let missing = listing.limit - rows.len();
                    if missing > 0 {
                        let query = stretch(tenant, listing, part).select((<$row>::as_select(), SnapshotEnd));
                        let query = AtLeast { rows: missing, query };
                        let more: Vec<_> = Composed { query, keep_prepared }.load(connection).await?;
                        newest = more.last().map(|(_, TransactionId(end))| end - 1);
                        rows.extend(more);
                        rows.truncate(listing.limit);
                    }
                }
                // Where nothing came, nothing says when it was not there.
                let newest = match newest {
                    Some(newest) => newest,
                    None => Snapshot::take(connection).await?.newest(),
                };
                Ok((rows, Freshness::of_transaction(newest)))
            }
            .boxed()
        })
        .await?
    }};
}

impl OrderReadRepository for PostgresOrderReadRepository {
    async fn current(
        &self,
        context: &ReadContext,
        order: OrderId,
    ) -> Result<Option<OrderDetails>, ReadError> {
        let found = self.details(context, vec![order]).await?;
        Ok(found.into_iter().next())
    }

    async fn last_until_version(
        &self,
        context: &ReadContext,
        order: OrderId,
        version: i64,
    ) -> Result<Option<PastState>, ReadError> {
        let query = history::table
            .filter(history::tenant_id.eq(context.tenant.as_str().to_owned()))
            .filter(history::order_id.eq(order.uuid()))
            .filter(history::version.le(version))
            .order(history::version.desc())
            .limit(1)
            .select(PastStateRow::as_select());
        let rows: Vec<_> = self.rows(context, query).await?;
        Ok(rows.into_iter().next().map(PastState::from))
    }

    async fn last_until_time(
        &self,
        context: &ReadContext,
        order: OrderId,
        time: Timestamp,
    ) -> Result<Option<PastState>, ReadError> {
        let query = history::table
            .filter(history::tenant_id.eq(context.tenant.as_str().to_owned()))
            .filter(history::order_id.eq(order.uuid()))
            .filter(history::commit_time.le(time).or(history::version.eq(1)))
            .order(history::version.desc())
            .limit(1)
            .select(PastStateRow::as_select());
        let rows: Vec<_> = self.rows(context, query).await?;
        Ok(rows.into_iter().next().map(PastState::from))
    }

    async fn lookup(
        &self,
        context: &ReadContext,
        key: &LookupKey,
    ) -> Result<Option<OrderDetails>, ReadError> {
        let wanted = Arc::new((context.tenant.clone(), key.clone()));
        let row = session::read_at_least(&self.alone, context, move |connection| {
            let wanted = Arc::clone(&wanted);
            async move { lookup(connection, &wanted.0, &wanted.1).await }.boxed()
        });
        let row = row.await?;
        row.map(OrderDetails::try_from).transpose()
    }

    async fn batch(&self, context: &ReadContext, orders: &[OrderId]) -> Result<Vec<OrderDetails>, ReadError> {
        self.details(context, orders.to_vec()).await
    }

    async fn list_summaries(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> Result<Fresh<Vec<Listed<OrderSummary>>>, ReadError> {
        if let Some(page) = CustomerPage::of(context, listing) {
            return self.customer_pages.call(page).await.map_err(read_error::of_not_done)?;
        }
        let (rows, freshness) = rows_of!(SummaryRow, self, context, listing);
        let items = rows.into_iter().map(|(row, _)| row.listed(listing.start.field()));
        Ok(Fresh { items: items.collect::<Result<_, _>>()?, freshness })
    }

    async fn list_details(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> Result<Fresh<Vec<Listed<OrderDetails>>>, ReadError> {
        let (rows, freshness) = rows_of!(FullRow, self, context, listing);
        let items = rows.into_iter().map(|(row, _)| row.listed(listing.start.field()));
        Ok(Fresh { items: items.collect::<Result<_, _>>()?, freshness })
    }

    async fn count(
        &self,
        context: &ReadContext,
        filter: &Filter,
        most: usize,
        within: Duration,
    ) -> Result<Option<i64>, ReadError> {
        let wanted = Arc::new((context.tenant.clone(), filter.clone()));
        let counting = session::read_at_least(&self.alone, context, move |connection| {
            let wanted = Arc::clone(&wanted);
            async move {
                let (tenant, filter) = &*wanted;
                let query = CountUpTo { most, query: matching(tenant, filter).select(summaries::order_id) };
                Composed { query, keep_prepared: is_common(filter) }.get_result(connection).await
            }
            .boxed()
        });
        timeout(within, counting).await.ok().transpose()
    }

    async fn history(
        &self,
        context: &ReadContext,
        order: OrderId,
        from_version: i64,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, ReadError> {
        let query = history::table
            .filter(history::tenant_id.eq(context.tenant.as_str().to_owned()))
            .filter(history::order_id.eq(order.uuid()))
            .filter(history::version.ge(from_version))
            .order(history::version.asc())
            .limit(count(limit))
            .select(HistoryRow::as_select());
        let rows: Vec<_> = self.rows(context, query).await?;
        rows.into_iter().map(HistoryEntry::try_from).collect()
    }
}

/// A number of rows, as SQL counts them.
fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
