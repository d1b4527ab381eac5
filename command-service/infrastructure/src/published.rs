//! From the domain to the contract: the one place where an order takes the form that it is published in. Stored, sent and
//! replayed answers are these bytes, so the same state has to give the same message.

mod event;
mod order;
mod value;

pub(crate) use event::events;
pub(crate) use order::{basic_view, order};
