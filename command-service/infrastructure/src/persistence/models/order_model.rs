//! Rows of `orders`: the columns that an order is restored from, save those of its parts.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz};
use serde::{Deserialize, Serialize};
use shared_domain::{Money, OrderSnapshot, ShippingLine, Timestamp};
use shared_infrastructure::wire::enums;

use super::{
    party_model::{AddressJson, ContactJson},
    stored::{integer, optional_text, smallint},
};
use crate::persistence::{json::Json, row::row};

row! {
    /// An order without its parts.
    OrderRow {
        version: BigInt => i64,
        order_number: Nullable<Text> => Option<String>,
        state: SmallInt => i16,
        hold_reason: Nullable<Text> => Option<String>,
        hold_time: Nullable<Timestamptz> => Option<Timestamp>,
        channel: Nullable<Text> => Option<String>,
        customer_id: Nullable<Text> => Option<String>,
        external_source: Nullable<Text> => Option<String>,
        external_id: Nullable<Text> => Option<String>,
        purchase_order_number: Nullable<Text> => Option<String>,
        contact: Nullable<Jsonb> => Option<Json<ContactJson>>,
        billing_address: Nullable<Jsonb> => Option<Json<AddressJson>>,
        shipping_address: Nullable<Jsonb> => Option<Json<AddressJson>>,
        tags: Jsonb => Json<Vec<String>>,
        metadata: Jsonb => Json<BTreeMap<String, String>>,
        currency: Text => String,
        shipping_lines: Jsonb => Json<Vec<ShippingLineJson>>,
        last_line_id: Integer => i32,
        last_adjustment_id: Integer => i32,
        cancel_reason: Nullable<SmallInt> => Option<i16>,
        cancel_note: Nullable<Text> => Option<String>,
        create_time: Timestamptz => Timestamp,
        update_time: Timestamptz => Timestamp,
        place_time: Nullable<Timestamptz> => Option<Timestamp>,
        confirm_time: Nullable<Timestamptz> => Option<Timestamp>,
        complete_time: Nullable<Timestamptz> => Option<Timestamp>,
        cancel_time: Nullable<Timestamptz> => Option<Timestamp>,
    }
}

/// A part of the shipping cost; amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::persistence) struct ShippingLineJson {
    pub(super) method: String,
    pub(super) title: Option<String>,
    pub(super) amount: i64,
    pub(super) tax_amount: i64,
}

/// A version, as `bigint`.
pub(in crate::persistence) fn bigint(version: u64) -> i64 {
    i64::try_from(version).expect("versions count commits")
}

impl From<&OrderSnapshot> for OrderRow {
    fn from(order: &OrderSnapshot) -> Self {
        let (details, times) = (&order.details, &order.times);
        let (hold, cancellation) = (order.hold.as_ref(), order.cancellation.as_ref());
        let reference = order.external_reference.as_ref();
        let address = |address| Json(AddressJson::from(address));
        let pair = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        Self {
            version: bigint(order.version),
            order_number: optional_text!(order.number),
            state: smallint(enums::order_state::number(order.state)),
            hold_reason: hold.map(|hold| hold.reason.as_str().to_owned()),
            hold_time: hold.map(|hold| hold.time),
            channel: optional_text!(order.channel),
            customer_id: optional_text!(order.customer_id),
            external_source: reference.map(|reference| reference.source.as_str().to_owned()),
            external_id: reference.map(|reference| reference.id.as_str().to_owned()),
            purchase_order_number: optional_text!(details.purchase_order_number),
            contact: details.contact.as_ref().map(|contact| Json(contact.into())),
            billing_address: details.billing_address.as_ref().map(address),
            shipping_address: order.shipping_address.as_ref().map(address),
            tags: Json(details.tags.iter().map(|tag| tag.as_str().to_owned()).collect()),
            metadata: Json(details.metadata.iter().map(pair).collect()),
            currency: order.currency.code().to_owned(),
            shipping_lines: Json(order.shipping_lines.iter().map(ShippingLineJson::from).collect()),
            last_line_id: integer(order.last_line_id),
            last_adjustment_id: integer(order.last_adjustment_id),
            cancel_reason: cancellation.map(|c| smallint(enums::cancel_reason::number(c.reason))),
            cancel_note: cancellation.and_then(|cancellation| optional_text!(cancellation.note)),
            create_time: times.create,
            update_time: times.update,
            place_time: times.place,
            confirm_time: times.confirm,
            complete_time: times.complete,
            cancel_time: times.cancel,
        }
    }
}

impl From<&ShippingLine> for ShippingLineJson {
    fn from(line: &ShippingLine) -> Self {
        let [amount, tax_amount] = [line.amount, line.tax_amount].map(Money::minor_units);
        Self {
            method: line.method.as_str().to_owned(),
            title: optional_text!(line.title),
            amount,
            tax_amount,
        }
    }
}
