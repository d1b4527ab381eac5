//! Published states.

use diesel::prelude::*;
use query_application::{OrderDetails, PastState, ReadError};
use shared_domain::{OrderId, Timestamp};
use shared_infrastructure::database::TransactionId;
use uuid::Uuid;

use crate::persistence::{
    read_error::CorruptRow,
    views::{order_details, order_history_entries},
};

/// An order as it is.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = order_details, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct DetailsRow {
    order_id: Uuid,
    version: i64,
    published_state: Option<Vec<u8>>,
    xid: TransactionId,
}

impl TryFrom<DetailsRow> for OrderDetails {
    type Error = ReadError;

    fn try_from(row: DetailsRow) -> Result<Self, ReadError> {
        details(row.order_id, row.version, row.published_state, row.xid)
    }
}

/// The details of an order that exists, and so has a published state.
pub(in crate::persistence) fn details(
    order: Uuid,
    version: i64,
    published_state: Option<Vec<u8>>,
    TransactionId(transaction): TransactionId,
) -> Result<OrderDetails, ReadError> {
    let missing = || CorruptRow { order, column: "published_state", value: "nothing".into() };
    let published_state = published_state.ok_or_else(missing)?.into();
    Ok(OrderDetails { order: OrderId::referring(order), version, transaction, published_state })
}

/// An order as a commit left it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = order_history_entries, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct PastStateRow {
    version: i64,
    commit_time: Timestamp,
    published_state: Option<Vec<u8>>,
    xid: TransactionId,
}

impl From<PastStateRow> for PastState {
    fn from(row: PastStateRow) -> Self {
        let published_state = row.published_state.map(Into::into);
        let (version, commit_time, transaction) = (row.version, row.commit_time, row.xid.0);
        Self { version, commit_time, transaction, published_state }
    }
}
