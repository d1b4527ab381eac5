//! The port to what is computed from the commits of orders, a moment after them. Every read is of one tenant.

use crate::{
    AggregateOrders, Aggregates, Found, Fresh, OrderDetails, OrderSummary, ReadContext, ReadError, Search,
};

/// Reads projections. Whatever is read is as new as the context demands, or it is [`ReadError::Lagging`]; so it is where a projection
/// is being built for the first time.
pub trait OrderProjections: Send + Sync {
    /// At most `limit` groups, sorted by what they are grouped by and then by currency.
    fn aggregate(
        &self,
        context: &ReadContext,
        query: &AggregateOrders,
        limit: usize,
    ) -> impl Future<Output = Result<Aggregates, ReadError>> + Send;

    /// A stretch of what is found, as rows of a list.
    fn search_summaries(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> impl Future<Output = Result<Fresh<Vec<Found<OrderSummary>>>, ReadError>> + Send;

    /// A stretch of what is found, as whole orders.
    fn search_details(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> impl Future<Output = Result<Fresh<Vec<Found<OrderDetails>>>, ReadError>> + Send;
}
