//! Commands by chance: orders to begin with, and what may happen to them next.

mod command;
mod drafts;
mod money;
mod next;

pub use command::{Client, Command};
pub use drafts::{create_request, uuid};
pub use money::{minor_units, money};
pub use next::command;

use orders_proto::orders::v1::Order;
use prost::Message;

/// An answer as its published state: the bytes without the token of the commit.
#[must_use]
pub fn published(order: &Order) -> Vec<u8> {
    Order { consistency_token: String::new(), ..order.clone() }.encode_to_vec()
}
