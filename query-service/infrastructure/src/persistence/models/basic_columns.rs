//! The columns of an order that make its basic view, where none was stored with its version.

use diesel::{
    QueryResult,
    deserialize::{self, FromSql, FromSqlRow},
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    pg::{Pg, PgValue},
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Jsonb, Nullable, Record, SmallInt, Text, Timestamptz},
};
use orders_proto::orders::v1::{ExternalReference, Hold, Order, Totals};
use serde_json::Value;
use shared_domain::{OrderId, Timestamp, parse_currency};
use shared_infrastructure::wire::{amount, order_name, timestamp};

type OptionalText = Nullable<Text>;
type OptionalTime = Nullable<Timestamptz>;

type Columns = Record<(
    BigInt,
    OptionalText,
    SmallInt,
    SmallInt,
    SmallInt,
    OptionalText,
    OptionalTime,
    OptionalText,
    OptionalText,
    OptionalText,
    OptionalText,
    Jsonb,
    Text,
    BigInt,
    BigInt,
    Timestamptz,
    Timestamptz,
    OptionalTime,
    OptionalTime,
    OptionalTime,
    OptionalTime,
)>;

/// In a list of columns of `order_summaries`: those as one value; nothing where there is a stored basic view.
#[derive(Debug, Clone, Copy, QueryId, ValidGrouping)]
pub(in crate::persistence) struct UnlessStored;

impl Expression for UnlessStored {
    type SqlType = Nullable<Columns>;
}

impl<S> AppearsOnTable<S> for UnlessStored {}
impl<S> SelectableExpression<S> for UnlessStored {}

impl QueryFragment<Pg> for UnlessStored {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("CASE WHEN order_summaries.basic_view IS NULL THEN ROW(\
         version, order_number, state, payment_state, fulfillment_state, hold_reason, hold_time, channel, customer_id, \
         external_source, external_id, tags, currency, total, balance, create_time, update_time, place_time, confirm_time, \
         complete_time, cancel_time) END");
        Ok(())
    }
}

type OptionalString = Option<String>;
type OptionalTimestamp = Option<Timestamp>;

type Values = (
    i64,
    OptionalString,
    i16,
    i16,
    i16,
    OptionalString,
    OptionalTimestamp,
    OptionalString,
    OptionalString,
    OptionalString,
    OptionalString,
    Value,
    String,
    i64,
    i64,
    Timestamp,
    Timestamp,
    OptionalTimestamp,
    OptionalTimestamp,
    OptionalTimestamp,
    OptionalTimestamp,
);

/// What was read of them. Hardly any row has it, so it is kept out of the others' way.
#[derive(FromSqlRow)]
pub(in crate::persistence) struct BasicColumns(Box<Values>);

impl FromSql<Columns, Pg> for BasicColumns {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Box::new(FromSql::<Columns, Pg>::from_sql(value)?)))
    }
}

impl BasicColumns {
    /// What [`orders_proto::orders::v1::OrderView::Basic`] shows of the order; nothing if a column makes no sense.
    pub(super) fn basic_view(self, order: OrderId) -> Option<Order> {
        let (
            version,
            order_number,
            state,
            payment_state,
            fulfillment_state,
            hold_reason,
            hold_time,
            channel,
            customer_id,
            external_source,
            external_id,
            tags,
            currency,
            total,
            balance,
            create_time,
            update_time,
            place_time,
            confirm_time,
            complete_time,
            cancel_time,
        ) = *self.0;
        let currency = parse_currency(&currency).ok()?;
        let amount = |minor_units| Some(amount(minor_units, currency));
        let tags = tags.as_array()?.iter().map(|tag| tag.as_str().map(str::to_owned));
        let hold = hold_reason.zip(hold_time);
        let external_reference = external_source.zip(external_id);
        Some(Order {
            name: order_name(order),
            order_number: order_number.unwrap_or_default(),
            state: state.into(),
            payment_state: payment_state.into(),
            fulfillment_state: fulfillment_state.into(),
            hold: hold.map(|(reason, time)| Hold { reason, hold_time: Some(timestamp(time)) }),
            version,
            etag: format!("W/\"{version}\""),
            channel: channel.unwrap_or_default(),
            customer_id: customer_id.unwrap_or_default(),
            external_reference: external_reference.map(|(source, id)| ExternalReference { source, id }),
            tags: tags.collect::<Option<_>>()?,
            currency_code: currency.code().to_owned(),
            totals: Some(Totals { total: amount(total), ..Totals::default() }),
            balance: amount(balance),
            create_time: Some(timestamp(create_time)),
            update_time: Some(timestamp(update_time)),
            place_time: place_time.map(timestamp),
            confirm_time: confirm_time.map(timestamp),
            complete_time: complete_time.map(timestamp),
            cancel_time: cancel_time.map(timestamp),
            ..Order::default()
        })
    }
}
