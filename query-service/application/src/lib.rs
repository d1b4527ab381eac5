//! The queries of Orders, one file each, with their read models and the port that storage implements.
//!
//! A query reads and decides what an absence means; it changes nothing. No database, wire format or framework is known here.

mod aggregate_orders;
mod batch_get_orders;
mod filter;
mod filtered_order;
mod get_order;
mod get_read_status;
mod list_order_history;
mod list_orders;
mod lookup_order;
mod order_by;
mod order_feed;
mod order_projections;
mod order_read_repository;
mod page;
mod query_error;
mod read_context;
mod read_models;
mod search_orders;
mod watch_orders;

pub use aggregate_orders::{
    AggregateOrders, AggregateOrdersHandler, Aggregates, Dimension, OrderAggregate, StatisticsFilter,
};
pub use batch_get_orders::{BatchGetOrders, BatchGetOrdersHandler};
pub use filter::{Comparison, Filter, OneOf, Term, TimeField};
pub use filtered_order::FilteredOrder;
pub use get_order::{GetOrder, GetOrderHandler, Moment};
pub use get_read_status::{
    DatabaseStatus, GetReadStatusHandler, ProjectionStatus, ReadStatus, StorageStatus,
};
pub use list_order_history::{ListOrderHistory, ListOrderHistoryHandler};
pub use list_orders::{ListOrders, ListOrdersHandler, MOST_COUNTED, OrderPage, Orders, View};
pub use lookup_order::{LookupKey, LookupOrder, LookupOrderHandler};
pub use order_by::{Cursor, Direction, OrderBy, SortField, SortKey, Start};
pub use order_feed::{
    Commit, FeedBounds, FeedPage, FeedPosition, LiveError, LiveFeed, OrderFeed, OrdersAsOf, PublishedOrder,
};
pub use order_projections::OrderProjections;
pub use order_read_repository::{Listed, Listing, OrderReadRepository, ReadError};
pub use page::{Page, PageSize};
pub use query_error::QueryError;
pub use read_context::{Fresh, Freshness, ReadContext};
pub use read_models::{HistoryEntry, OrderDetails, OrderSummary, PastState};
pub use search_orders::{
    Found, Search, SearchOrders, SearchOrdersHandler, SearchPage, SearchPosition, SearchWords,
};
pub use watch_orders::{Begin, Notice, Place, Told, Watch, WatchError, WatchOrders, WatchOrdersHandler};
