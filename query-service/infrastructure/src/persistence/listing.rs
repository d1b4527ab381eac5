//! Keyset pages of `order_summaries`.
//!
//! A sorted list is read in stretches, each a range of one index, so that a page costs the same wherever it is. Orders
//! that were not placed have neither a time of placement nor a number (the schema sees to it); they are a stretch of
//! their own, after the others.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use query_application::{Cursor, Direction, Listing, SortField, SortKey, Start};
use shared_domain::{OrderNumber, TenantId, Timestamp};
use uuid::Uuid;

use super::{
    filtering::{Summaries, matching},
    statement::beyond,
    views::order_summaries::dsl,
};

/// A part of a sorted list that one index serves, and the position in it to start after.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stretch {
    CreateTime(Option<(Timestamp, Uuid)>),
    UpdateTime(Option<(Timestamp, Uuid)>),
    Total(Option<(i64, Uuid)>),
    PlaceTime(Option<(Timestamp, Uuid)>),
    OrderNumber(Option<OrderNumber>),
    /// The orders that were not placed.
    Unplaced(Option<Uuid>),
}

/// `$query` sorted by the columns, and starting after the position if there is one.
macro_rules! sorted {
    ($query:expr, $direction:expr, [$($column:path),+], $after:expr) => {{
        let query = match $after {
            Some(position) => $query.filter(beyond(($($column,)+), $direction, position)),
            None => $query,
        };
        match $direction {
            Direction::Ascending => query.order(($($column.asc(),)+)),
            Direction::Descending => query.order(($($column.desc(),)+)),
        }
    }};
}

/// The stretches from `start` to the end of the list, in their order.
pub(super) fn stretches(start: &Start) -> Vec<Stretch> {
    let unplaced = Stretch::Unplaced(None);
    match start {
        Start::First(SortField::CreateTime) => vec![Stretch::CreateTime(None)],
        Start::First(SortField::UpdateTime) => vec![Stretch::UpdateTime(None)],
        Start::First(SortField::Total) => vec![Stretch::Total(None)],
        Start::First(SortField::PlaceTime) => vec![Stretch::PlaceTime(None), unplaced],
        Start::First(SortField::OrderNumber) => vec![Stretch::OrderNumber(None), unplaced],
        Start::After(Cursor { key, order }) => {
            let order = order.uuid();
            match key {
                SortKey::CreateTime(time) => vec![Stretch::CreateTime(Some((*time, order)))],
                SortKey::UpdateTime(time) => vec![Stretch::UpdateTime(Some((*time, order)))],
                SortKey::Total(total) => vec![Stretch::Total(Some((*total, order)))],
                SortKey::PlaceTime(Some(time)) => vec![Stretch::PlaceTime(Some((*time, order))), unplaced],
                SortKey::OrderNumber(Some(number)) => {
                    vec![Stretch::OrderNumber(Some(number.clone())), unplaced]
                }
                SortKey::PlaceTime(None) | SortKey::OrderNumber(None) => vec![Stretch::Unplaced(Some(order))],
            }
        }
    }
}

/// The orders of one stretch.
pub(super) fn stretch<'a>(tenant: &'a TenantId, listing: &'a Listing, stretch: Stretch) -> Summaries<'a> {
    let query = matching(tenant, &listing.filter);
    let direction = listing.direction;
    match stretch {
        Stretch::CreateTime(after) => {
            let after =
                after.map(|(time, order)| (time.into_sql::<Timestamptz>(), order.into_sql::<SqlUuid>()));
            sorted!(query, direction, [dsl::create_time, dsl::order_id], after)
        }
        Stretch::UpdateTime(after) => {
            let after =
                after.map(|(time, order)| (time.into_sql::<Timestamptz>(), order.into_sql::<SqlUuid>()));
            sorted!(query, direction, [dsl::update_time, dsl::order_id], after)
        }
        Stretch::Total(after) => {
            let after = after.map(|(total, order)| (total.into_sql::<BigInt>(), order.into_sql::<SqlUuid>()));
            sorted!(query, direction, [dsl::total, dsl::order_id], after)
        }
        Stretch::PlaceTime(after) => {
            let query = query.filter(dsl::place_time.is_not_null());
            let after = after
                .map(|(time, order)| (time.into_sql::<Nullable<Timestamptz>>(), order.into_sql::<SqlUuid>()));
            sorted!(query, direction, [dsl::place_time, dsl::order_id], after)
        }
        // A number is unique: it needs nothing to break ties.
        Stretch::OrderNumber(after) => {
            let query = query.filter(dsl::order_number.is_not_null());
            let after = after.map(|number| (number.as_str().to_owned().into_sql::<Nullable<Text>>(),));
            sorted!(query, direction, [dsl::order_number], after)
        }
        // To sort by what is the same for all of them lets the planner see that the index has them in this order.
        Stretch::Unplaced(after) => {
            let query = query.filter(dsl::place_time.is_null());
            let query = match (after, direction) {
                (None, _) => query,
                (Some(order), Direction::Ascending) => query.filter(dsl::order_id.gt(order)),
                (Some(order), Direction::Descending) => query.filter(dsl::order_id.lt(order)),
            };
            match direction {
                Direction::Ascending => query.order((dsl::place_time.asc(), dsl::order_id.asc())),
                Direction::Descending => query.order((dsl::place_time.desc(), dsl::order_id.desc())),
            }
        }
    }
}
