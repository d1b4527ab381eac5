//! Rows of lists.

use diesel::prelude::*;
use query_application::{Cursor, Listed, OrderDetails, OrderSummary, ReadError, SortField, SortKey};
use serde_json::Value;
use shared_domain::{
    Code, ExternalId, ExternalReference, InvalidValue, OrderId, OrderNumber, Timestamp, parse_currency,
};
use shared_infrastructure::database::TransactionId;
use uuid::Uuid;

use super::details_row::details;
use crate::{
    persistence::{read_error::CorruptRow, views::order_summaries},
    wire_states::WireState,
};

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
    version: i64,
    state: i16,
    payment_state: i16,
    fulfillment_state: i16,
    hold_reason: Option<String>,
    hold_time: Option<Timestamp>,
    channel: Option<String>,
    customer_id: Option<String>,
    external_source: Option<String>,
    external_id: Option<String>,
    tags: Value,
    currency: String,
    balance: i64,
    confirm_time: Option<Timestamp>,
    complete_time: Option<Timestamp>,
    cancel_time: Option<Timestamp>,
}

impl SummaryRow {
    /// What the orders of a customer are sorted by.
    pub(in crate::persistence) fn creation(&self) -> (Timestamp, Uuid) {
        (self.sort.create_time, self.sort.order_id)
    }

    /// The order, and where it is in a list sorted by `field`.
    pub(in crate::persistence) fn listed(self, field: SortField) -> Result<Listed<OrderSummary>, ReadError> {
        let position = self.sort.position(field);
        Ok(Listed { position, item: self.summary()? })
    }

    fn summary(self) -> Result<OrderSummary, CorruptRow> {
        let order = self.sort.order_id;
        let corrupt = |column, value: &dyn ToString| CorruptRow { order, column, value: value.to_string() };
        let currency = parse_currency(&self.currency).map_err(|_| corrupt("currency", &self.currency))?;
        let tags = texts(&self.tags).ok_or_else(|| corrupt("tags", &self.tags))?;
        let external_reference = reference(self.external_source, self.external_id)
            .map_err(|invalid| corrupt("external_source or external_id", &invalid))?;
        Ok(OrderSummary {
            order: OrderId::referring(order),
            version: self.version,
            order_number: self.sort.order_number.map(OrderNumber::stored),
            state: state(self.state).ok_or_else(|| corrupt("state", &self.state))?,
            payment_state: state(self.payment_state)
                .ok_or_else(|| corrupt("payment_state", &self.payment_state))?,
            fulfillment_state: state(self.fulfillment_state)
                .ok_or_else(|| corrupt("fulfillment_state", &self.fulfillment_state))?,
            hold: self.hold_reason.zip(self.hold_time),
            channel: self.channel,
            customer: self.customer_id,
            external_reference,
            tags,
            currency,
            total: self.sort.total,
            balance: self.balance,
            create_time: self.sort.create_time,
            update_time: self.sort.update_time,
            place_time: self.sort.place_time,
            confirm_time: self.confirm_time,
            complete_time: self.complete_time,
            cancel_time: self.cancel_time,
        })
    }
}

fn state<S: WireState>(number: i16) -> Option<S> {
    S::from_number(number.into())
}

/// The texts of a JSON array.
fn texts(array: &Value) -> Option<Vec<String>> {
    array.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

fn reference(source: Option<String>, id: Option<String>) -> Result<Option<ExternalReference>, InvalidValue> {
    let both = source.zip(id);
    both.map(|(source, id)| Ok(ExternalReference { source: Code::new(source)?, id: ExternalId::new(id)? }))
        .transpose()
}
