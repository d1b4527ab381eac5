//! A NATS server with JetStream without an installation step: finds the program or brings it, runs it as a child process, and
//! never leaves it behind.
//!
//! Starting and stopping block the calling thread, for some 10 ms.

mod error;
mod program;
mod server;

pub use error::NatsError;
pub use server::{NatsOptions, NatsServer};
