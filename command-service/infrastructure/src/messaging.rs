//! The relay: tells a message broker what happened to orders, as the history says it.
//!
//! Every event is published at least once, and those of one order in their order: an event is handed over only when the one before
//! it is acknowledged. This holds however many relays run at the same moment, since each of them begins where everything before is
//! acknowledged. The lease only keeps them from doing the same work, and from moving the cursor over each other.
//!
//! `relay.rs` is the story. What NATS is stands in the files named after it, and nowhere else.

mod again;
mod cloud_event;
mod cursor;
mod lane;
mod lease;
mod nats_connection;
mod nats_publisher;
mod nats_stream;
mod outage;
mod parking;
mod relay;
mod replay;
mod stored_events;

pub use again::publish_again;
pub use cloud_event::{DataFormat, EventStyle};
pub use nats_connection::NatsConnection;
pub use nats_publisher::NatsPublisher;
pub use nats_stream::StreamSettings;
pub use parking::{ParkedOrder, Replayed, ask_for_replay, list_parked};
pub use relay::{Relay, RelaySettings};
