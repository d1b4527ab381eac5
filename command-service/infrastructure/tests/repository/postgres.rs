//! What only the repository over PostgreSQL has, on a real server.

mod fixtures;

pub(crate) use fixtures::TestRepository;
