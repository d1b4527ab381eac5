//! Real requests, one or more for each rpc of both services, that hostile ones are made from.

mod commands;
mod queries;

use prost::Message;

pub use self::{commands::commands, queries::queries};

/// A request as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// Its rpc.
    pub method: &'static str,
    /// The encoded message.
    pub message: Vec<u8>,
}

fn seed(method: &'static str, message: &impl Message) -> Seed {
    Seed { method, message: message.encode_to_vec() }
}
