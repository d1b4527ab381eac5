//! The PostgreSQL side of the query side: reads the views of the migrations, and writes nothing.
//!
//! Values are bound, never part of a statement's text, but for the number of rows that a list reads.

mod customer_pages;
mod details_reader;
mod filtering;
mod listing;
mod lookup;
mod models;
mod postgres_order_read_repository;
mod read_error;
mod session;
mod statement;
mod views;

#[cfg(test)]
mod tests;

pub use postgres_order_read_repository::PostgresOrderReadRepository;
