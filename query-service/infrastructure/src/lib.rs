//! The adapters of the query side: the gRPC API in front of the queries, and the PostgreSQL repository behind them.
//!
//! Requests are decoded, answers are encoded, rows are read. What an order is and what an absence means is decided in
//! the layers further in.

pub mod api;
pub mod persistence;

mod wire_states;
