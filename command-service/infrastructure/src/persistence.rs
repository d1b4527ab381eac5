//! Orders in PostgreSQL. One statement reads an order with all its parts, one statement commits: sets in, sets out, so that both
//! serve one caller or many at once. No transaction is ever left open between statements.

mod commit_batch;
mod commit_sql;
mod commit_statement;
mod committer;
mod creation_check;
mod errors;
mod json;
mod load_batch;
mod load_statement;
mod loader;
mod member;
mod models;
mod order_numbers;
mod postgres_order_repository;
mod row;
mod schema;

pub use commit_batch::{MemberOutcome, commit_batch};
pub use member::Member;
pub use postgres_order_repository::{Batched, PostgresOrderRepository};
