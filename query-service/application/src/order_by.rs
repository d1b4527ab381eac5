//! How lists are sorted, and positions in them.

use shared_domain::{OrderId, OrderNumber, Timestamp};

/// What a list is sorted by. Ties are broken by the order's id, in the same direction; orders without the field come last
/// in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderBy {
    /// The field.
    pub field: SortField,
    /// The direction.
    pub direction: Direction,
}

impl Default for OrderBy {
    /// The newest first.
    fn default() -> Self {
        Self { field: SortField::CreateTime, direction: Direction::Descending }
    }
}

/// A field that lists can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortField {
    /// When the order was created.
    CreateTime,
    /// When the order was placed; orders that were not come last.
    PlaceTime,
    /// When the order changed last.
    UpdateTime,
    /// The total in minor units, whatever the currency.
    Total,
    /// The number; orders without one, which are those that were not placed, come last.
    OrderNumber,
}

impl SortField {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::CreateTime, Self::PlaceTime, Self::UpdateTime, Self::Total, Self::OrderNumber];

    /// The name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateTime => "create_time",
            Self::PlaceTime => "place_time",
            Self::UpdateTime => "update_time",
            Self::Total => "total",
            Self::OrderNumber => "order_number",
        }
    }
}

/// Smallest or largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// The value that an order is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "see `SortField`")]
pub enum SortKey {
    CreateTime(Timestamp),
    PlaceTime(Option<Timestamp>),
    UpdateTime(Timestamp),
    Total(i64),
    OrderNumber(Option<OrderNumber>),
}

impl SortKey {
    /// The field it is a value of.
    #[must_use]
    pub fn field(&self) -> SortField {
        match self {
            Self::CreateTime(_) => SortField::CreateTime,
            Self::PlaceTime(_) => SortField::PlaceTime,
            Self::UpdateTime(_) => SortField::UpdateTime,
            Self::Total(_) => SortField::Total,
            Self::OrderNumber(_) => SortField::OrderNumber,
        }
    }
}

/// The position of an order in a sorted list. It says nothing of the order's still being there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// What the order was sorted by.
    pub key: SortKey,
    /// The order.
    pub order: OrderId,
}

/// Where a page of a sorted list starts, and so what the list is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At the beginning.
    First(SortField),
    /// After this position.
    After(Cursor),
}

impl Start {
    /// The field that the list is sorted by.
    #[must_use]
    pub fn field(&self) -> SortField {
        match self {
            Self::First(field) => *field,
            Self::After(cursor) => cursor.key.field(),
        }
    }
}
