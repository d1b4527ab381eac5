//! Stored commits and orders as watches look at them.

use std::sync::Arc;

use bytes::Bytes;
use orders_proto::orders::v1::Order;
use prost::Message;
use query_application::{
    Commit, FeedPage, FeedPosition, FilteredOrder, HistoryEntry, OrdersAsOf, PublishedOrder, ReadError,
};
use shared_domain::{Actor, OrderId, TenantId, parse_currency};
use shared_infrastructure::{
    feed::{self, FeedEntry},
    wire::{self, enums},
};

use super::orders_as_of::OrderRow;
use crate::{persistence::read_error::CorruptRow, wire_states::WireState};

/// A page of the feed that was read from behind `start`.
pub(super) fn page(start: FeedPosition, page: feed::FeedPage) -> Result<FeedPage, ReadError> {
    let commits: Result<_, _> = page.entries.into_iter().map(commit).collect();
    Ok(FeedPage {
        start,
        end: position(page.end),
        complete_below: page.complete_below.0,
        commits: commits?,
        is_last: page.is_last,
        complete_until: None,
    })
}

pub(super) fn position(position: feed::FeedPosition) -> FeedPosition {
    FeedPosition { transaction: position.transaction.0, position: position.position }
}

fn commit(entry: FeedEntry) -> Result<Commit, ReadError> {
    let order = entry.order;
    let kind = enums::actor_kind::from_number(entry.actor_kind.into()).ok_or_else(|| CorruptRow {
        order,
        column: "actor_kind",
        value: entry.actor_kind.to_string(),
    })?;
    Ok(Commit {
        tenant: TenantId::new(entry.tenant).map_err(|invalid| ReadError::Failed(Arc::new(invalid)))?,
        position: position(entry.position),
        after: entry.published_state.map(published),
        before: entry.previous_state.as_ref().and_then(filtered),
        entry: HistoryEntry {
            order: OrderId::referring(order),
            version: entry.version,
            commit_time: entry.commit_time,
            actor: Actor { kind, subject: entry.actor_subject },
            request: entry.request,
            events: entry.events,
            transaction: entry.position.transaction.0,
        },
    })
}

/// The orders of a page of at most `most` rows. Those that came later than the page is about are not in it.
pub(super) fn orders_as_of(rows: Vec<OrderRow>, most: usize) -> OrdersAsOf {
    let next = rows.last().filter(|_| rows.len() == most).and_then(|row| row.1).map(OrderId::referring);
    let order = |(_, order, state): OrderRow| Some((OrderId::referring(order?), published(state?.into())));
    OrdersAsOf { orders: rows.into_iter().filter_map(order).collect(), next }
}

fn published(published_state: Bytes) -> PublishedOrder {
    let filtered = filtered(&published_state);
    if filtered.is_none() {
        tracing::error!("a published state makes no sense: filters do not find the order");
    }
    PublishedOrder { published_state, filtered }
}

/// What filters look at in a published state; none if it makes no sense.
fn filtered(published_state: &Bytes) -> Option<FilteredOrder> {
    let order = Order::decode(published_state.as_ref()).ok()?;
    let currency = parse_currency(&order.currency_code).ok()?;
    let total = order.totals.as_ref().and_then(|totals| totals.total.as_ref());
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let (external_source, external_id) =
        order.external_reference.map(|reference| (reference.source, reference.id)).unzip();
    Some(FilteredOrder {
        state: WireState::from_number(order.state)?,
        payment_state: WireState::from_number(order.payment_state)?,
        fulfillment_state: WireState::from_number(order.fulfillment_state)?,
        is_on_hold: order.hold.is_some(),
        channel: text(order.channel),
        customer: text(order.customer_id),
        order_number: text(order.order_number),
        external_source,
        external_id,
        tags: order.tags,
        metadata: order.metadata.into_iter().collect(),
        skus: order.lines.into_iter().map(|line| line.sku).collect(),
        currency,
        total: wire::minor_units(total?)?.try_into().ok()?,
        create_time: wire::time(order.create_time?)?,
        update_time: wire::time(order.update_time?)?,
        place_time: order.place_time.and_then(wire::time),
        complete_time: order.complete_time.and_then(wire::time),
    })
}
