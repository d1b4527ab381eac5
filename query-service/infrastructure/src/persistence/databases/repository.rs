//! The ports: each read goes the same way.

use std::time::Duration;

use query_application::{
    AggregateOrders, Aggregates, Filter, Found, Fresh, HistoryEntry, Listed, Listing, LookupKey,
    OrderDetails, OrderProjections, OrderReadRepository, OrderSummary, PastState, ReadContext, ReadError,
    Search,
};
use shared_domain::{OrderId, Timestamp};

use super::Databases;

impl OrderReadRepository for Databases {
    async fn current(
        &self,
        context: &ReadContext,
        order: OrderId,
    ) -> Result<Option<OrderDetails>, ReadError> {
        self.read(context, |database| database.current(context, order)).await
    }

    async fn last_until_version(
        &self,
        context: &ReadContext,
        order: OrderId,
        version: i64,
    ) -> Result<Option<PastState>, ReadError> {
        self.read(context, |database| database.last_until_version(context, order, version)).await
    }

    async fn last_until_time(
        &self,
        context: &ReadContext,
        order: OrderId,
        time: Timestamp,
    ) -> Result<Option<PastState>, ReadError> {
        self.read(context, |database| database.last_until_time(context, order, time)).await
    }

    async fn lookup(
        &self,
        context: &ReadContext,
        key: &LookupKey,
    ) -> Result<Option<OrderDetails>, ReadError> {
        self.read(context, |database| database.lookup(context, key)).await
    }

    async fn batch(&self, context: &ReadContext, orders: &[OrderId]) -> Result<Vec<OrderDetails>, ReadError> {
        self.read(context, |database| database.batch(context, orders)).await
    }

    async fn list_summaries(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> Result<Fresh<Vec<Listed<OrderSummary>>>, ReadError> {
        self.read(context, |database| database.list_summaries(context, listing)).await
    }

    async fn list_details(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> Result<Fresh<Vec<Listed<OrderDetails>>>, ReadError> {
        self.read(context, |database| database.list_details(context, listing)).await
    }

    async fn count(
        &self,
        context: &ReadContext,
        filter: &Filter,
        most: usize,
        within: Duration,
    ) -> Result<Option<i64>, ReadError> {
        self.read(context, |database| database.count(context, filter, most, within)).await
    }

    async fn history(
        &self,
        context: &ReadContext,
        order: OrderId,
        from_version: i64,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, ReadError> {
        self.read(context, |database| database.history(context, order, from_version, limit)).await
    }
}

impl OrderProjections for Databases {
    async fn aggregate(
        &self,
        context: &ReadContext,
        query: &AggregateOrders,
        limit: usize,
    ) -> Result<Aggregates, ReadError> {
        self.read(context, |database| database.aggregate(context, query, limit)).await
    }

    async fn search_summaries(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> Result<Fresh<Vec<Found<OrderSummary>>>, ReadError> {
        self.read(context, |database| database.search_summaries(context, search)).await
    }

    async fn search_details(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> Result<Fresh<Vec<Found<OrderDetails>>>, ReadError> {
        self.read(context, |database| database.search_details(context, search)).await
    }
}
