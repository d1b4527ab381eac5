//! Rows of lists.

use std::sync::Arc;

use bytes::Bytes;
use diesel::prelude::*;
use orders_proto::orders::v1::{Order, Totals};
use prost::{DecodeError, Message};
use query_application::{Cursor, Listed, OrderDetails, OrderSummary, ReadError, SortField, SortKey};
use shared_domain::{OrderId, OrderNumber, Timestamp};
use shared_infrastructure::database::TransactionId;
use uuid::Uuid;

use super::details_row::details;
use crate::persistence::{read_error::CorruptRow, views::order_summaries};

/// What lists are sorted by.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = order_summaries, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct SortColumns {
    order_id: Uuid,
    order_number: Option<String>,
    total: i64,
    create_time: Timestamp,
    update_time: Timestamp,
    place_time: Option<Timestamp>,
}

impl SortColumns {
    /// Where the order is in a list sorted by `field`.
    fn position(&self, field: SortField) -> Cursor {
        let key = match field {
            SortField::CreateTime => SortKey::CreateTime(self.create_time),
            SortField::PlaceTime => SortKey::PlaceTime(self.place_time),
            SortField::UpdateTime => SortKey::UpdateTime(self.update_time),
            SortField::Total => SortKey::Total(self.total),
            SortField::OrderNumber => {
                SortKey::OrderNumber(self.order_number.clone().map(OrderNumber::stored))
            }
        };
        Cursor { key, order: OrderId::referring(self.order_id) }
    }
}

/// An order in a list, with its published state.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = order_summaries, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct FullRow {
    #[diesel(embed)]
    sort: SortColumns,
    version: i64,
    published_state: Option<Vec<u8>>,
    xid: Option<TransactionId>,
}

impl FullRow {
    /// The order, and where it is in a list sorted by `field`.
    pub(in crate::persistence) fn listed(self, field: SortField) -> Result<Listed<OrderDetails>, ReadError> {
        let position = self.sort.position(field);
        let order = self.sort.order_id;
        let missing = || CorruptRow { order, column: "xid", value: "nothing".into() };
        let transaction = self.xid.ok_or_else(missing)?;
        Ok(Listed { position, item: details(order, self.version, self.published_state, transaction)? })
    }
}

/// An order in a list, in brief.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = order_summaries, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct SummaryRow {
    #[diesel(embed)]
    sort: SortColumns,
    basic_view: Option<Vec<u8>>,
    basic_view_is_whole: bool,
}

impl SummaryRow {
    /// What the orders of a customer are sorted by.
    pub(in crate::persistence) fn creation(&self) -> (Timestamp, Uuid) {
        (self.sort.create_time, self.sort.order_id)
    }

    /// The order, and where it is in a list sorted by `field`.
    pub(in crate::persistence) fn listed(self, field: SortField) -> Result<Listed<OrderSummary>, ReadError> {
        let position = self.sort.position(field);
        let order = self.sort.order_id;
        let missing = || CorruptRow { order, column: "basic_view", value: "nothing".into() };
        let stored = self.basic_view.ok_or_else(missing)?;
        let basic_view = match self.basic_view_is_whole {
            false => stored.into(),
            true => without_the_rest(&stored).map_err(|error| ReadError::Failed(Arc::new(error)))?,
        };
        Ok(Listed { position, item: OrderSummary { order: OrderId::referring(order), basic_view } })
    }
}

/// What [`OrderView::Basic`] shows of a whole order.
///
/// [`OrderView::Basic`]: orders_proto::orders::v1::OrderView::Basic
fn without_the_rest(published_state: &[u8]) -> Result<Bytes, DecodeError> {
    let whole = Order::decode(published_state)?;
    let basic_view = Order {
        name: whole.name,
        order_number: whole.order_number,
        state: whole.state,
        payment_state: whole.payment_state,
        fulfillment_state: whole.fulfillment_state,
        hold: whole.hold,
        version: whole.version,
        etag: whole.etag,
        channel: whole.channel,
        customer_id: whole.customer_id,
        external_reference: whole.external_reference,
        tags: whole.tags,
        currency_code: whole.currency_code,
        totals: whole.totals.map(|totals| Totals { total: totals.total, ..Totals::default() }),
        balance: whole.balance,
        create_time: whole.create_time,
        update_time: whole.update_time,
        place_time: whole.place_time,
        confirm_time: whole.confirm_time,
        complete_time: whole.complete_time,
        cancel_time: whole.cancel_time,
        ..Order::default()
    };
    Ok(basic_view.encode_to_vec().into())
}
