//! The fulfilment state, derived from the quantity ledgers.

use super::Line;

/// What was sent of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FulfillmentState {
    /// No line ships.
    NotRequired,
    /// Nothing has shipped.
    Unfulfilled,
    /// Some units have shipped.
    PartiallyShipped,
    /// All units have shipped.
    Shipped,
    /// Some units were delivered.
    PartiallyDelivered,
    /// All units were delivered.
    Delivered,
}

impl FulfillmentState {
    /// The state over the lines that ship, net of cancelled units; the first line that holds.
    pub(crate) fn of(lines: &[Line]) -> Self {
        let mut shipping = lines.iter().filter(|line| line.requires_shipping && line.live() > 0).peekable();
        if shipping.peek().is_none() {
            return Self::NotRequired;
        }
        let (all, shipped, delivered) =
            shipping.fold((0u64, 0u64, 0u64), |(all, shipped, delivered), line| {
                (
                    all + u64::from(line.live()),
                    shipped + u64::from(line.shipped),
                    delivered + u64::from(line.delivered),
                )
            });
        match (shipped, delivered) {
            (_, delivered) if delivered == all => Self::Delivered,
            (_, delivered) if delivered > 0 => Self::PartiallyDelivered,
            (shipped, _) if shipped == all => Self::Shipped,
            (shipped, _) if shipped > 0 => Self::PartiallyShipped,
            _ => Self::Unfulfilled,
        }
    }
}
