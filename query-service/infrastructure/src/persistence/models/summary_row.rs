//! Rows of lists.

use diesel::prelude::*;
use prost::Message;
use query_application::{Cursor, Listed, OrderDetails, OrderSummary, ReadError, SortField, SortKey};
use shared_domain::{OrderId, OrderNumber, Timestamp};
use shared_infrastructure::database::TransactionId;
use uuid::Uuid;

use super::{
    basic_columns::{BasicColumns, UnlessStored},
    details_row::details,
};
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
#[derive(Queryable, Selectable)]
#[diesel(table_name = order_summaries, check_for_backend(diesel::pg::Pg))]
pub(in crate::persistence) struct SummaryRow {
    #[diesel(embed)]
    sort: SortColumns,
    basic_view: Option<Vec<u8>>,
    #[diesel(select_expression = UnlessStored, select_expression_type = UnlessStored)]
    basic_columns: Option<BasicColumns>,
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
        let basic_view = match (self.basic_view, self.basic_columns) {
            (Some(stored), _) => stored,
            (None, columns) => columns
                .and_then(|columns| columns.basic_view(OrderId::referring(order)))
                .ok_or_else(|| CorruptRow { order, column: "basic_view", value: "nothing".into() })?
                .encode_to_vec(),
        };
        Ok(Listed { position, item: OrderSummary { basic_view: basic_view.into() } })
    }
}
