//! The relay: what arrives at a real NATS server, in which order, and what of it survives the death of whom.

#![expect(clippy::unwrap_used, reason = "a test; the helpers between its functions too")]

mod envelope;
mod outages;
mod parking;
mod probes;
mod secured;
mod stream;
mod support;
mod takeover;
