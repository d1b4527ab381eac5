//! Read models into answers.

use orders_proto::{
    google::r#type::Money,
    orders::v1::{self, Order, OrderHistoryEntry},
};
use prost::Message;
use prost_types::Timestamp;
use query_application::{HistoryEntry, OrderDetails, OrderSummary, Orders, ReadError};
use shared_domain::{ActorKind, Currency, OrderId, Timestamp as DomainTimestamp};

use crate::wire_states::WireState;

/// The resource name of an order.
pub(super) fn name(order: OrderId) -> String {
    format!("orders/{order}")
}

/// The order, as it was published. This is the one place that looks into a published state.
pub(super) fn published(details: &OrderDetails) -> Result<Order, ReadError> {
    Order::decode(details.published_state.clone()).map_err(|error| ReadError::Failed(error.into()))
}

/// The orders of a page.
pub(super) fn orders(orders: Orders) -> Result<Vec<Order>, ReadError> {
    match orders {
        Orders::Basic(summaries) => Ok(summaries.into_iter().map(summary).collect()),
        Orders::Full(details) => details.iter().map(published).collect(),
    }
}

/// One commit, with its events as they were stored.
pub(super) fn history_entry(entry: HistoryEntry) -> Result<OrderHistoryEntry, ReadError> {
    let stored = OrderHistoryEntry::decode(entry.events).map_err(|error| ReadError::Failed(error.into()))?;
    let kind = match entry.actor.kind {
        ActorKind::User => v1::ActorKind::User,
        ActorKind::Service => v1::ActorKind::Service,
        ActorKind::System => v1::ActorKind::System,
        ActorKind::Provider => v1::ActorKind::Provider,
    };
    Ok(OrderHistoryEntry {
        order: name(entry.order),
        version: entry.version,
        commit_time: Some(timestamp(entry.commit_time)),
        actor: Some(v1::Actor { kind: kind.into(), subject: entry.actor.subject }),
        request_id: entry.request.map(|id| id.to_string()).unwrap_or_default(),
        events: stored.events,
    })
}

/// What [`v1::OrderView::Basic`] shows of an order.
fn summary(order: OrderSummary) -> Order {
    let amount = |minor_units| Some(money(minor_units, order.currency));
    Order {
        name: name(order.order),
        order_number: order.order_number.map(|number| number.as_str().to_owned()).unwrap_or_default(),
        state: order.state.number(),
        payment_state: order.payment_state.number(),
        fulfillment_state: order.fulfillment_state.number(),
        hold: order.hold.map(|(reason, time)| v1::Hold { reason, hold_time: Some(timestamp(time)) }),
        version: order.version,
        etag: format!("W/\"{}\"", order.version),
        channel: order.channel.unwrap_or_default(),
        customer_id: order.customer.unwrap_or_default(),
        external_reference: order.external_reference.map(|reference| v1::ExternalReference {
            source: reference.source.as_str().to_owned(),
            id: reference.id.as_str().to_owned(),
        }),
        tags: order.tags,
        currency_code: order.currency.code().to_owned(),
        totals: Some(v1::Totals { total: amount(order.total), ..v1::Totals::default() }),
        balance: amount(order.balance),
        create_time: Some(timestamp(order.create_time)),
        update_time: Some(timestamp(order.update_time)),
        place_time: order.place_time.map(timestamp),
        confirm_time: order.confirm_time.map(timestamp),
        complete_time: order.complete_time.map(timestamp),
        cancel_time: order.cancel_time.map(timestamp),
        ..Order::default()
    }
}

/// An amount of minor units on the wire: whole units, and billionths of one with the same sign.
fn money(minor_units: i64, currency: Currency) -> Money {
    const NANO_DIGITS: u32 = 9;
    let exponent = currency.exponent().map_or(0, u32::from).min(NANO_DIGITS);
    let minor_per_unit = 10_i64.pow(exponent);
    let nanos_per_minor = 10_i64.pow(NANO_DIGITS - exponent);
    let nanos = minor_units % minor_per_unit * nanos_per_minor;
    Money {
        currency_code: currency.code().to_owned(),
        units: minor_units / minor_per_unit,
        nanos: i32::try_from(nanos).expect("less than a unit is less than 10^9 nanos"),
    }
}

fn timestamp(time: DomainTimestamp) -> Timestamp {
    let nanos = i32::try_from(time.timestamp_subsec_nanos()).expect("a second has 10^9 nanos");
    Timestamp { seconds: time.timestamp(), nanos }
}

#[cfg(test)]
mod tests {
    use shared_domain::parse_currency;

    use super::*;

    #[test]
    fn amounts_keep_their_sign_and_their_digits() {
        let amount = |minor_units, code| {
            let Money { units, nanos, .. } = money(minor_units, parse_currency(code).unwrap());
            (units, nanos)
        };
        assert_eq!(amount(1_205, "EUR"), (12, 50_000_000));
        assert_eq!(amount(-1_205, "EUR"), (-12, -50_000_000));
        assert_eq!(amount(-5, "EUR"), (0, -50_000_000));
        assert_eq!(amount(1_205, "JPY"), (1_205, 0));
        assert_eq!(amount(1_205, "KWD"), (1, 205_000_000));
    }

    #[test]
    fn times_before_the_epoch_have_positive_nanos() {
        let time = "1969-12-31T23:59:59.5Z".parse().unwrap();
        assert_eq!(timestamp(time), Timestamp { seconds: -1, nanos: 500_000_000 });
    }
}
