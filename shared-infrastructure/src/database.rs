//! PostgreSQL: the pool of connections, what their errors mean, and the migrations.
//!
//! Statements about orders stand in the services' persistence, not here.

mod address;
mod connection;
mod fault;
mod language;
pub mod migrations;
mod pool;
mod privileges;
mod session;
mod stop;
mod transaction_id;

pub use address::Config;
pub use connection::{Connection, Host};
pub use fault::{Fault, is_last, is_outdated};
pub use language::ensure_english;
pub use pool::{Access, Pool, PoolError, PooledConnection, connect, connect_to};
pub use privileges::ensure_may_write;
pub use session::{StatementError, run, run_to_the_end, run_unless, run_while_awaited};
pub use transaction_id::{TransactionId, Xid8};
