//! Starts and stops, on one machine, everything Orders is made of: a PostgreSQL server, a NATS server and both services as the
//! separate processes they are. Tests of other crates take their databases and processes from here.
//!
//! Nothing in here knows a business rule, and nothing in here runs in production.

mod folder;
mod lifeline;
pub mod nats;
pub mod postgres;
pub mod process;
pub mod stack;
mod wheel;

pub use folder::local_folder;
pub use nats::{NatsError, NatsOptions, NatsServer};
pub use postgres::{Durability, PostgresError, PostgresOptions, PostgresServer, Storage};
pub use postgres::{Logins, Role, Template, TestDatabase, TestPostgres};
pub use process::{Output, Service, ServiceError, ServiceOptions, ServiceProcess};
pub use stack::{Broker, Database, Stack, StackError, StackOptions};
