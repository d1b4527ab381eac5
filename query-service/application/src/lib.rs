//! The queries of Orders, one file each, with their read models and the port that storage implements.
//!
//! A query reads and decides what an absence means; it changes nothing. No database, wire format or framework is known here.

mod batch_get_orders;
mod filter;
mod get_order;
mod list_order_history;
mod list_orders;
mod lookup_order;
mod order_by;
mod order_read_repository;
mod page;
mod query_error;
mod read_models;

pub use batch_get_orders::{BatchGetOrders, BatchGetOrdersHandler};
pub use filter::{Comparison, Filter, OneOf, Term, TimeField};
pub use get_order::{GetOrder, GetOrderHandler, Moment};
pub use list_order_history::{ListOrderHistory, ListOrderHistoryHandler};
pub use list_orders::{ListOrders, ListOrdersHandler, OrderPage, Orders, View};
pub use lookup_order::{LookupKey, LookupOrder, LookupOrderHandler};
pub use order_by::{Cursor, Direction, OrderBy, SortField, SortKey, Start};
pub use order_read_repository::{Listed, Listing, OrderReadRepository, ReadError};
pub use page::{Page, PageSize};
pub use query_error::QueryError;
pub use read_models::{HistoryEntry, OrderDetails, OrderSummary, PastState};
