//! How the number of orders and their sums change, group by group.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use orders_proto::orders::v1::Order;
use shared_infrastructure::wire;

use super::{ProjectionError, net_changes::NetChange};

/// The orders of one row of `order_stats_daily`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) tenant: String,
    /// The day of creation, in UTC.
    pub(super) day: NaiveDate,
    /// Empty for orders without one.
    pub(super) channel: String,
    pub(super) currency: String,
    pub(super) state: i16,
    pub(super) payment_state: i16,
    pub(super) fulfillment_state: i16,
}

/// How many orders, and what they amount to, in minor units; or by how much that changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) orders: i64,
    pub(super) total: i128,
    pub(super) balance: i128,
}

/// By how much each group changes; groups that stay as they are are left out.
pub(super) fn changed_sums(changes: &[NetChange]) -> Result<BTreeMap<Group, Sums>, ProjectionError> {
    let mut sums = BTreeMap::<Group, Sums>::new();
    for change in changes {
        for (state, sign) in [(&change.before, -1), (&change.after, 1)] {
            let Some(order) = state else { continue };
            let (group, total, balance) = share(&change.tenant, order)
                .map_err(|missing| ProjectionError::corrupt(&change.tenant, change.order, missing))?;
            let sums = sums.entry(group).or_default();
            sums.orders += sign;
            sums.total += i128::from(sign) * total;
            sums.balance += i128::from(sign) * balance;
        }
    }
    sums.retain(|_, sums| *sums != Sums::default());
    Ok(sums)
}

/// A published state lacks something that every one has.
#[derive(Debug, thiserror::Error)]
#[error("its published state has no {0}")]
struct Missing(&'static str);

/// What one order adds, and to which group.
fn share(tenant: &str, order: &Order) -> Result<(Group, i128, i128), Missing> {
    let created = order.create_time.and_then(wire::time).ok_or(Missing("create_time"))?;
    let total = order.totals.as_ref().and_then(|totals| totals.total.as_ref()).and_then(wire::minor_units);
    let balance = order.balance.as_ref().and_then(wire::minor_units);
    let number = |number: i32| i16::try_from(number).map_err(|_| Missing("known state"));
    let group = Group {
        tenant: tenant.to_owned(),
        day: created.date_naive(),
        channel: order.channel.clone(),
        currency: order.currency_code.clone(),
        state: number(order.state)?,
        payment_state: number(order.payment_state)?,
        fulfillment_state: number(order.fulfillment_state)?,
    };
    Ok((group, total.ok_or(Missing("total"))?, balance.ok_or(Missing("balance"))?))
}

#[cfg(test)]
mod tests {
    use orders_proto::{google::r#type::Money, orders::v1::Totals};
    use prost_types::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn order(state: i32, units: i64) -> Order {
        let money = |units| Some(Money { currency_code: "EUR".into(), units, nanos: 500_000_000 });
        Order {
            state,
            currency_code: "EUR".into(),
            totals: Some(Totals { total: money(units), ..Totals::default() }),
            balance: money(units - 1),
            // The last second of a day.
            create_time: Some(Timestamp { seconds: 86_399, nanos: 0 }),
            ..Order::default()
        }
    }

    fn change(before: Option<Order>, after: Option<Order>) -> NetChange {
        NetChange { tenant: "acme".into(), order: Uuid::nil(), before, after }
    }

    fn sums(changes: &[NetChange]) -> Vec<(i16, i64, i128, i128)> {
        let sums = changed_sums(changes).unwrap();
        sums.iter().map(|(group, sums)| (group.state, sums.orders, sums.total, sums.balance)).collect()
    }

    #[test]
    fn an_order_leaves_the_group_that_it_was_in() {
        let moved = change(Some(order(1, 10)), Some(order(2, 12)));
        assert_eq!(sums(&[moved]), [(1, -1, -1_050, -950), (2, 1, 1_250, 1_150)]);
    }

    #[test]
    fn changes_of_a_group_add_up_and_those_that_cancel_out_are_left_out() {
        let created = change(None, Some(order(1, 10)));
        assert_eq!(sums(&[created.clone(), created.clone()]), [(1, 2, 2_100, 1_900)]);
        assert_eq!(sums(&[created, change(Some(order(1, 10)), None)]), []);
        assert_eq!(sums(&[change(Some(order(1, 10)), Some(order(1, 7)))]), [(1, 0, -300, -300)]);
    }

    #[test]
    fn days_are_those_of_creation_in_utc() {
        let sums = changed_sums(&[change(None, Some(order(1, 1)))]).unwrap();
        assert_eq!(sums.keys().next().unwrap().day, NaiveDate::from_ymd_opt(1970, 1, 1).unwrap());
    }

    #[test]
    fn an_order_without_an_amount_is_refused() {
        for broken in [
            Order { balance: None, ..order(1, 1) },
            Order { totals: None, ..order(1, 1) },
            Order { create_time: None, ..order(1, 1) },
            Order { state: 1 << 20, ..order(1, 1) },
        ] {
            assert!(changed_sums(&[change(None, Some(broken))]).is_err());
        }
    }
}
