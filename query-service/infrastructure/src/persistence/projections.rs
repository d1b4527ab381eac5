//! Reads of the projections: what is computed from the feed, and so is a moment behind the orders.

mod active;
mod aggregation;
mod group_row;
mod ranked;

use std::sync::Arc;

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Float, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use query_application::{
    AggregateOrders, Aggregates, Found, Fresh, Freshness, OrderDetails, OrderProjections, OrderSummary,
    ReadContext, ReadError, Search, SearchPosition, SortField,
};
use shared_domain::{OrderId, TenantId, Timestamp};
use shared_infrastructure::database::TransactionId;
use uuid::Uuid;

use super::{
    PostgresOrderReadRepository,
    filtering::{is_common, matching},
    models::{FullRow, SummaryRow},
    session,
    snapshot::{Snapshot, SnapshotEnd},
    statement::{AtLeast, Composed},
};
use active::{covers_search, database_time};
use aggregation::{Aggregation, AggregationRow};
pub(super) use ranked::{Ranked, is_match};

/// What is found, and the transaction that all of it is as new as; nothing if the projection is not as new as demanded.
macro_rules! found {
    ($row:ty, $repository:expr, $context:expr, $search:expr) => {{
        let wanted = Arc::new(($context.tenant.clone(), $search.clone()));
        let demanded = $context.at_least.map(|freshness| freshness.transaction);
        let found = session::read_at_least($repository.alone(), $context, move |connection| {
            let wanted = Arc::clone(&wanted);
            async move {
                let (tenant, search) = &*wanted;
                if !covers_search(connection, demanded).await? {
                    return Ok(None);
                }
                let order = matching(tenant, &search.filter).filter(is_match());
                let place = sql::<(Float, Timestamptz, SqlUuid)>("m.rank, m.create_time, m.order_id");
                let order = order.select((<$row>::as_select(), place, SnapshotEnd));
                let query = AtLeast { rows: search.limit, query: Ranked::new(tenant, search, order) };
                let query = Composed { query, keep_prepared: is_common(&search.filter) };
                let mut rows: Vec<($row, Place, TransactionId)> = query.load(connection).await?;
                rows.truncate(search.limit);
                let newest = match rows.last() {
                    Some((.., TransactionId(end))) => end - 1,
                    None => Snapshot::take(connection).await?.newest(),
                };
                Ok(Some((rows, Freshness::of_transaction(newest))))
            }
            .boxed()
        });
        let (rows, freshness) = found.await?.ok_or(ReadError::Lagging)?;
        let items = rows.into_iter().map(|(row, (rank, create_time, order), _)| {
            let position = SearchPosition { rank, create_time, order: OrderId::referring(order) };
            Ok(Found { position, item: row.listed(SortField::CreateTime)?.item })
        });
        Ok(Fresh { items: items.collect::<Result<_, ReadError>>()?, freshness })
    }};
}

/// How good a match is, when the order was created, and which it is.
type Place = (f32, Timestamp, Uuid);

impl OrderProjections for PostgresOrderReadRepository {
    async fn aggregate(
        &self,
        context: &ReadContext,
        query: &AggregateOrders,
        limit: usize,
    ) -> Result<Aggregates, ReadError> {
        let wanted = Arc::new((context.tenant.clone(), query.clone()));
        let reading = session::read_at_least(self.alone(), context, move |connection| {
            let wanted = Arc::clone(&wanted);
            async move {
                // Whatever is committed by then is seen by the statement that comes next.
                let time = database_time(connection).await?;
                let (tenant, query): &(TenantId, AggregateOrders) = &wanted;
                let query = Composed { query: Aggregation::new(tenant, query, limit), keep_prepared: false };
                let rows: Vec<AggregationRow> = query.load(connection).await?;
                Ok((time, rows))
            }
            .boxed()
        });
        let (time, rows) = reading.await?;
        let demanded = context.at_least.map(|freshness| freshness.transaction);
        aggregation::aggregates(rows, time, demanded)
    }

    async fn search_summaries(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> Result<Fresh<Vec<Found<OrderSummary>>>, ReadError> {
        found!(SummaryRow, self, context, search)
    }

    async fn search_details(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> Result<Fresh<Vec<Found<OrderDetails>>>, ReadError> {
        found!(FullRow, self, context, search)
    }
}
