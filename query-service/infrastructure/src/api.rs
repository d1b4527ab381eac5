//! The gRPC API: requests into queries, read models and errors into answers.

mod aggregates;
mod call;
mod decode;
mod encode;
mod filter;
mod lookup_key;
mod order_by;
mod order_query_api;
mod page_token;
mod resume_token;
mod search;
mod status;
mod violations;
mod watch;

pub use order_query_api::OrderQueryApi;
pub use watch::WatchLimits;
