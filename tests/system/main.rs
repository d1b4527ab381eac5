//! The whole system through its front doors: both services as the separate processes they are, on a real PostgreSQL.
//!
//! The programs are not built by `cargo test` of this package: `make test` builds them before, and so does
//! `cargo build --workspace --bins`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed; its helpers too")]
#![expect(clippy::print_stdout, reason = "what was reached is wanted in figures")]

mod abuse;
mod books;
mod bulk;
mod cuts;
mod deadlines;
mod encrypted;
mod ending;
mod examples;
mod grpcurl;
mod hostile;
mod killed_client;
mod killed_service;
mod operations;
mod outages;
mod overload;
mod projections;
mod random_day;
mod reflection_and_health;
mod restarts;
mod round_trip;
mod same_bytes;
mod secrets;
mod standby;
mod support;
mod tenants;
mod two_writers;
mod unread_answers;
