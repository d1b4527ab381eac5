//! The gRPC API: requests into queries, read models and errors into answers.

mod decode;
mod encode;
mod filter;
mod lookup_key;
mod order_by;
mod order_query_api;
mod page_token;
mod status;
mod violations;

pub use order_query_api::OrderQueryApi;
