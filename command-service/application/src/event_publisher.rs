//! Telling others what happened to orders: the port to a message broker.

use std::{error::Error, future::Future};

use shared_domain::{Actor, Timestamp};
use uuid::Uuid;

/// Hands events to a message broker.
pub trait EventPublisher: Send + Sync + 'static {
    /// Hands an event over. `Ok` says that the broker has acknowledged it; after an error it may have it all the same, and takes a
    /// repetition for what it is.
    fn publish(&self, event: &OutgoingEvent) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// One thing that happened to an order, with all that others are told about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingEvent {
    /// Whose order.
    pub tenant: String,
    /// Which order.
    pub order: Uuid,
    /// The version of the order that the event's commit made.
    pub version: i64,
    /// The event's number in its commit, from 0.
    pub index: u32,
    /// What happened, such as `OrderPlaced`.
    pub kind: String,
    /// When it was committed.
    pub time: Timestamp,
    /// Who did it; none if this program does not know that kind of actor.
    pub actor: Option<Actor>,
    /// The trace that it belongs to, as the W3C's `traceparent`.
    pub traceparent: Option<String>,
    /// What is particular to the event: the encoded message of that kind.
    pub data: Vec<u8>,
}

impl OutgoingEvent {
    /// What tells the event from all others, however often it is handed over: `order:version:index`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.order, self.version, self.index)
    }
}

/// Why an event could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The broker does not take this event, however often it is asked.
    #[error("the event is refused: {0}")]
    Refused(String),
    /// The broker takes no events at present, or did not answer.
    #[error("the broker takes no events")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
