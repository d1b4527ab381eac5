//! What only the repository over PostgreSQL has, on a real server.

mod batched_loads;
mod batches;
mod books;
mod callers;
mod fixtures;
mod gate;
mod group_commit;
mod lost_batches;
mod outages;
mod plans;
pub(crate) mod sql;
mod statements;

pub(crate) use fixtures::TestRepository;
