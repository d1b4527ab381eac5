//! Read models into answers.

use std::sync::Arc;

use orders_proto::{
    EncodedOrder,
    orders::v1::{self, Order, OrderHistoryEntry},
};
use prost::Message;
use query_application::{HistoryEntry, OrderSummary, Orders, ReadError};
use shared_infrastructure::wire::{amount, enums, order_name, timestamp};

use crate::wire_states::WireState;

/// The orders of a page. Whole orders go out as they were published.
pub(super) fn orders(orders: Orders) -> Vec<EncodedOrder> {
    match orders {
        Orders::Basic(summaries) => {
            summaries.into_iter().map(|order| EncodedOrder::from(&summary(order))).collect()
        }
        Orders::Full(details) => details.into_iter().map(|details| details.published_state.into()).collect(),
    }
}

/// One commit, with its events as they were stored.
pub(super) fn history_entry(entry: HistoryEntry) -> Result<OrderHistoryEntry, ReadError> {
    let stored =
        OrderHistoryEntry::decode(entry.events).map_err(|error| ReadError::Failed(Arc::new(error)))?;
    let kind = enums::actor_kind::number(entry.actor.kind);
    Ok(OrderHistoryEntry {
        order: order_name(entry.order),
        version: entry.version,
        commit_time: Some(timestamp(entry.commit_time)),
        actor: Some(v1::Actor { kind, subject: entry.actor.subject }),
        request_id: entry.request.map(|id| id.to_string()).unwrap_or_default(),
        events: stored.events,
    })
}

/// What [`v1::OrderView::Basic`] shows of an order.
fn summary(order: OrderSummary) -> Order {
    let amount = |minor_units| Some(amount(minor_units, order.currency));
    Order {
        name: order_name(order.order),
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
