//! The PostgreSQL side of the query side: reads the views of the migrations, and writes nothing.
//!
//! Values are bound, never part of a statement's text, but for the number of rows that a list reads.

mod customer_pages;
mod databases;
mod details_reader;
mod filtering;
mod listing;
mod lookup;
mod models;
mod order_feed;
mod postgres_order_read_repository;
mod projections;
mod read_error;
mod session;
mod snapshot;
mod statement;
mod views;

#[cfg(test)]
mod tests;

pub use databases::{Chosen, DatabasePools, Databases};
pub use order_feed::PostgresOrderFeed;
pub use postgres_order_read_repository::PostgresOrderReadRepository;
