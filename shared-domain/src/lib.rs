//! The domain of Orders: the [`Order`] aggregate, its value objects and its rules.
//!
//! What is allowed and what follows from it is decided here and nowhere else. There is no I/O, no async, no clock and no
//! random source in this crate: times and ids come in as arguments.

mod order;
mod values;

pub use order::*;
pub use values::*;
