//! The columns of an order that make its basic view, where none was stored with its version.

use orders_proto::orders::v1::{ExternalReference, Hold, Order, Totals};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;
use shared_domain::{Currency, OrderId, Timestamp, parse_currency};
use shared_infrastructure::wire::{amount, order_name, timestamp};

/// As the view `order_summaries` puts them together.
#[derive(Deserialize)]
struct BasicColumns {
    version: i64,
    order_number: Option<String>,
    state: i32,
    payment_state: i32,
    fulfillment_state: i32,
    hold_reason: Option<String>,
    hold_time: Time,
    channel: Option<String>,
    customer_id: Option<String>,
    external_source: Option<String>,
    external_id: Option<String>,
    tags: Vec<String>,
    #[serde(deserialize_with = "currency")]
    currency: Currency,
    total: i64,
    balance: i64,
    create_time: Time,
    update_time: Time,
    place_time: Time,
    confirm_time: Time,
    complete_time: Time,
    cancel_time: Time,
}

/// A moment, if there is one.
struct Time(Option<prost_types::Timestamp>);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let time = text.map(|text| text.parse::<Timestamp>().map_err(D::Error::custom)).transpose()?;
        Ok(Self(time.map(timestamp)))
    }
}

fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
    parse_currency(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// What [`orders_proto::orders::v1::OrderView::Basic`] shows of the order.
pub(super) fn basic_view(order: OrderId, columns: Value) -> Result<Order, serde_json::Error> {
    let row: BasicColumns = serde_json::from_value(columns)?;
    let amount = |minor_units| Some(amount(minor_units, row.currency));
    let hold = row.hold_reason.zip(row.hold_time.0);
    let reference = row.external_source.zip(row.external_id);
    Ok(Order {
        name: order_name(order),
        order_number: row.order_number.unwrap_or_default(),
        state: row.state,
        payment_state: row.payment_state,
        fulfillment_state: row.fulfillment_state,
        hold: hold.map(|(reason, time)| Hold { reason, hold_time: Some(time) }),
        version: row.version,
        etag: format!("W/\"{}\"", row.version),
        channel: row.channel.unwrap_or_default(),
        customer_id: row.customer_id.unwrap_or_default(),
        external_reference: reference.map(|(source, id)| ExternalReference { source, id }),
        tags: row.tags,
        totals: Some(Totals { total: amount(row.total), ..Totals::default() }),
        balance: amount(row.balance),
        currency_code: row.currency.code().to_owned(),
        create_time: row.create_time.0,
        update_time: row.update_time.0,
        place_time: row.place_time.0,
        confirm_time: row.confirm_time.0,
        complete_time: row.complete_time.0,
        cancel_time: row.cancel_time.0,
        ..Order::default()
    })
}
