//! What the infrastructure of both services needs, and neither of them owns: configuration, the start and the end of a
//! process, the gRPC chassis, authentication, the PostgreSQL pool and its migrations, errors and values on the wire, opaque
//! tokens, the feed of commits, the words that orders are found by.
//!
//! Nothing here knows a rule of orders or a use case.

pub mod auth;
pub mod batching;
mod call_scope;
pub mod config;
pub mod database;
pub mod errors;
pub mod feed;
pub mod grpc;
mod open_files;
pub mod ops;
mod panic_text;
pub mod search_words;
pub mod start;
pub mod telemetry;
pub mod tls;
pub mod tokens;
pub mod wire;
