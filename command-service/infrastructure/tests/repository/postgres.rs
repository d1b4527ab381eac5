//! What only the repository over PostgreSQL has, on a real server.

mod batches;
mod books;
mod callers;
mod fixtures;
mod outages;
mod plans;
mod sql;
mod statements;

pub(crate) use fixtures::TestRepository;
