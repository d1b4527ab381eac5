//! Read models into answers.

use std::{sync::Arc, time::Duration};

use orders_proto::{
    EncodedOrder,
    orders::v1::{self, DatabaseRole, GetReadStatusResponse, OrderHistoryEntry},
};
use prost::Message;
use query_application::{DatabaseStatus, HistoryEntry, Orders, ProjectionStatus, ReadError, ReadStatus};
use shared_infrastructure::wire::{enums, order_name, timestamp};

use super::call;

/// The orders of a page, as they were stored.
pub(super) fn orders(orders: Orders) -> Vec<EncodedOrder> {
    match orders {
        Orders::Basic(summaries) => summaries.into_iter().map(|summary| summary.basic_view.into()).collect(),
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
