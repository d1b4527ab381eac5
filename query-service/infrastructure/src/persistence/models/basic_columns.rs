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

#[derive(Debug, FromSqlRow)]
pub(in crate::persistence) struct BasicColumns {
    version: i64,
    order_number: Option<String>,
    /// Of the order, of its payments, of its fulfilment: numbers of the contract's enums.
    states: [i16; 3],
    hold: Option<(String, Timestamp)>,
    channel: Option<String>,
    customer_id: Option<String>,
    external_reference: Option<(String, String)>,
    tags: Value,
    currency: String,
    total: i64,
    balance: i64,
    create_time: Timestamp,
    update_time: Timestamp,
    /// When it was placed, confirmed, completed and cancelled.
    milestones: [Option<Timestamp>; 4],
}

impl FromSql<Columns, Pg> for BasicColumns {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
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
        ) = FromSql::<Columns, Pg>::from_sql(value)?;
        let (hold_reason, external_source): (Option<String>, Option<String>) = (hold_reason, external_source);
        Ok(Self {
            version,
            order_number,
            states: [state, payment_state, fulfillment_state],
            hold: hold_reason.zip(hold_time),
            channel,
            customer_id,
            external_reference: external_source.zip(external_id),
            tags,
            currency,
            total,
            balance,
            create_time,
            update_time,
            milestones: [place_time, confirm_time, complete_time, cancel_time],
        })
    }
}

impl BasicColumns {
    /// What [`orders_proto::orders::v1::OrderView::Basic`] shows of the order; nothing if a column makes no sense.
    pub(super) fn basic_view(self, order: OrderId) -> Option<Order> {
        let currency = parse_currency(&self.currency).ok()?;
        let amount = |minor_units| Some(amount(minor_units, currency));
        let tags = self.tags.as_array()?.iter().map(|tag| tag.as_str().map(str::to_owned));
        let [state, payment_state, fulfillment_state] = self.states.map(i32::from);
        let [place_time, confirm_time, complete_time, cancel_time] =
            self.milestones.map(|time| time.map(timestamp));
        Some(Order {
            name: order_name(order),
            order_number: self.order_number.unwrap_or_default(),
            state,
            payment_state,
            fulfillment_state,
            hold: self.hold.map(|(reason, time)| Hold { reason, hold_time: Some(timestamp(time)) }),
            version: self.version,
            etag: format!("W/\"{}\"", self.version),
            channel: self.channel.unwrap_or_default(),
            customer_id: self.customer_id.unwrap_or_default(),
            external_reference: self.external_reference.map(|(source, id)| ExternalReference { source, id }),
            tags: tags.collect::<Option<_>>()?,
            currency_code: currency.code().to_owned(),
            totals: Some(Totals { total: amount(self.total), ..Totals::default() }),
            balance: amount(self.balance),
            create_time: Some(timestamp(self.create_time)),
            update_time: Some(timestamp(self.update_time)),
            place_time,
            confirm_time,
            complete_time,
            cancel_time,
            ..Order::default()
        })
    }
}
