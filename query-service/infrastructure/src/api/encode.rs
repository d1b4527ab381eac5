//! Read models into answers.

use std::{sync::Arc, time::Duration};

use orders_proto::{
    EncodedOrder,
    orders::v1::{self, DatabaseRole, GetReadStatusResponse, Order, OrderHistoryEntry},
};
use prost::Message;
use query_application::{
    DatabaseStatus, HistoryEntry, OrderSummary, Orders, ProjectionStatus, ReadError, ReadStatus,
};
use shared_infrastructure::wire::{amount, enums, order_name, timestamp};

use super::call;
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

/// How far the databases and the projections are.
pub(super) fn read_status(status: ReadStatus) -> GetReadStatusResponse {
    GetReadStatusResponse {
        consistency_token: status
            .freshness
            .map(|freshness| call::token(freshness).sealed())
            .unwrap_or_default(),
        databases: status.databases.into_iter().map(database_status).collect(),
        projections: status.projections.into_iter().map(projection_status).collect(),
    }
}

fn database_status(status: DatabaseStatus) -> v1::DatabaseStatus {
    let (role, horizon, lag) = match status {
        DatabaseStatus::OutOfReach => (DatabaseRole::Unspecified, 0, None),
        DatabaseStatus::Primary { horizon } => (DatabaseRole::Primary, horizon, Some(Duration::ZERO)),
        DatabaseStatus::Standby { horizon, lag } => (DatabaseRole::Standby, horizon, lag),
    };
    v1::DatabaseStatus { role: role.into(), horizon, lag: lag.map(duration) }
}

fn projection_status(status: ProjectionStatus) -> v1::ProjectionStatus {
    v1::ProjectionStatus {
        name: status.name,
        transaction_id: status.transaction,
        commit_time: status.commit_time.map(timestamp),
        lag: Some(duration(status.lag)),
    }
}

/// A time span as the contract has it.
fn duration(time: Duration) -> prost_types::Duration {
    time.try_into().unwrap_or(prost_types::Duration { seconds: i64::MAX, nanos: 0 })
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
