//! What the domain and the contract both have, each in a form of its own: names, amounts, times, enums. Their pairing stands
//! here once, for both services.
//!
//! Whole messages do not: each service puts its own together.

pub mod enums;
mod money;
mod time;

use shared_domain::OrderId;

pub use money::{amount, minor_units, money, sum};
pub use time::{is_in_range, time, timestamp};

/// The resource name of an order: `orders/{uuid}`.
#[must_use]
pub fn order_name(order: OrderId) -> String {
    format!("orders/{order}")
}
