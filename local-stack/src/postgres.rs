//! A PostgreSQL server without an installation step: finds the programs, makes the data folder, runs `postgres` itself
//! as a child process, and never leaves it behind.
//!
//! Starting and stopping block the calling thread; from async code use `tokio::task::spawn_blocking`, as
//! [`TestPostgres`] does.

mod account;
mod binaries;
mod data;
mod error;
mod launch;
mod leftover;
mod roles;
mod server;
mod sql;
mod standby;
mod test_postgres;
mod wheel;

pub use error::PostgresError;
pub use roles::{Logins, Role};
pub use server::{Durability, PostgresOptions, PostgresServer, Storage};
pub use test_postgres::{Template, TestDatabase, TestPostgres};
