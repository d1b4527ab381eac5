//! Values: names, money, times, numbers, enums, addresses.

use std::collections::HashSet;

use orders_proto::{google::r#type::Money as WireMoney, orders::v1 as proto};
use prost_types::Timestamp as WireTimestamp;
use shared_domain::{
    Address, AddressText, Contact, CountryCode, Currency, Email, LineId, LineUnits, MAX_LINES, Metadata,
    Money, OrderId, PersonName, Phone, PostalCode, Quantity, Tags, Timestamp, parse_currency,
};
use shared_infrastructure::{errors::ErrorReason, wire};

use crate::api::{
    fields::{Checked, Fields, Path},
    request::parse_uuid,
};

/// The order that a name such as `orders/018f3f6e-7b1a-7c3e-9d2a-5f4b8c6d7e8f` refers to.
pub(super) fn order_name(fields: &mut Fields, at: Path<'_>, name: &str) -> Checked<OrderId> {
    match name.strip_prefix("orders/").and_then(parse_uuid) {
        Some(id) => Ok(OrderId::referring(id)),
        None => fields.invalid(at, "must be the name of an order, orders/{uuid}"),
    }
}

/// The number of a part of an order: 1 or more.
pub(super) fn number<T>(fields: &mut Fields, at: Path<'_>, number: u32, make: fn(u32) -> T) -> Checked<T> {
    if number == 0 { fields.invalid(at, "is required, 1 or more") } else { Ok(make(number)) }
}

pub(super) fn quantity(fields: &mut Fields, at: Path<'_>, units: i32) -> Checked<Quantity> {
    fields.value(at, Quantity::new(units))
}

/// An enum's value, other than unspecified.
pub(super) fn enumeration<T>(
    fields: &mut Fields,
    at: Path<'_>,
    number: i32,
    make: fn(i32) -> Option<T>,
) -> Checked<T> {
    match make(number) {
        Some(value) => Ok(value),
        None if number == 0 => fields.invalid(at, "is required"),
        None => fields.invalid(at, "must be one of the values of its enum"),
    }
}

/// An amount that must not be negative.
pub(super) fn amount(fields: &mut Fields, at: Path<'_>, money: WireMoney) -> Checked<Money> {
    let money = self::money(fields, at, money)?;
    if money.is_negative() {
        return fields.wrong(at, ErrorReason::MoneyOutOfRange, "must not be negative");
    }
    Ok(money)
}

/// An amount above zero.
pub(super) fn positive_amount(fields: &mut Fields, at: Path<'_>, money: Option<WireMoney>) -> Checked<Money> {
    let money = fields.required(at, money)?;
    let money = self::money(fields, at, money)?;
    if money.minor_units() <= 0 {
        return fields.wrong(at, ErrorReason::MoneyOutOfRange, "must be above zero");
    }
    Ok(money)
}

pub(super) fn optional_amount(
    fields: &mut Fields,
    at: Path<'_>,
    money: Option<WireMoney>,
) -> Checked<Option<Money>> {
    money.map(|money| amount(fields, at, money)).transpose()
}

/// An amount in the currency that its order is said to have, where that is known.
pub(super) fn in_currency(
    fields: &mut Fields,
    at: Path<'_>,
    amount: Checked<Money>,
    currency: Option<Currency>,
) -> Checked<Money> {
    let amount = amount?;
    match currency.filter(|currency| *currency != amount.currency()) {
        Some(currency) => {
            let rule = format!("must be in the order's currency, {}", currency.code());
            fields.wrong(at.field("currency_code"), ErrorReason::CurrencyMismatch, rule)
        }
        None => Ok(amount),
    }
}

fn money(fields: &mut Fields, at: Path<'_>, money: WireMoney) -> Checked<Money> {
    let currency = fields.value(at.field("currency_code"), parse_currency(&money.currency_code))?;
    let scale = 10i64.pow(currency.exponent().map_or(0, u32::from));
    let nanos_per_minor = 1_000_000_000 / scale;
    let nanos = i64::from(money.nanos);
    if nanos.abs() > 999_999_999 || nanos.signum() * money.units.signum() < 0 {
        return fields.invalid(
            at.field("nanos"),
            "must be between -999999999 and 999999999, of the same sign as units",
        );
    }
    if nanos % nanos_per_minor != 0 {
        let rule = format!("must be a multiple of {nanos_per_minor}, the minor unit of {}", currency.code());
        return fields.wrong(at.field("nanos"), ErrorReason::MoneyPrecision, rule);
    }
    let minor = money.units.checked_mul(scale).and_then(|minor| minor.checked_add(nanos / nanos_per_minor));
    let in_range = minor.and_then(|minor| Money::new(minor, currency).ok());
    in_range.map_or_else(
        || fields.wrong(at, ErrorReason::MoneyOutOfRange, "must have at most 10^15 minor units"),
        Ok,
    )
}

/// A point in time between the years 1 and 9999.
pub(super) fn time(
    fields: &mut Fields,
    at: Path<'_>,
    time: Option<WireTimestamp>,
) -> Checked<Option<Timestamp>> {
    let Some(time) = time else { return Ok(None) };
    wire::time(time).map_or_else(
        || fields.invalid(at, "must be a time between the years 1 and 9999, with nanos of 0 to 999,999,999"),
        |time| Ok(Some(time)),
    )
}

pub(super) fn contact(fields: &mut Fields, at: Path<'_>, contact: proto::Contact) -> Checked<Contact> {
    let name = fields.value(at.field("name"), PersonName::new(contact.name));
    let email = fields.optional(at.field("email"), contact.email, Email::new);
    let phone = fields.optional(at.field("phone"), contact.phone, Phone::new);
    let contact = Contact { name: name?, email: email?, phone: phone? };
    if contact.email.is_none() && contact.phone.is_none() {
        return fields.invalid(at, "must have an email address or a phone number");
    }
    Ok(contact)
}

pub(super) fn address(fields: &mut Fields, at: Path<'_>, address: proto::Address) -> Checked<Address> {
    let recipient = fields.value(at.field("recipient"), PersonName::new(address.recipient));
    let organization = fields.optional(at.field("organization"), address.organization, PersonName::new);
    let lines = if (1..=Address::MAX_LINES).contains(&address.address_lines.len()) {
        fields.each(&at, "address_lines", address.address_lines, |fields, at, line| {
            fields.value(at, AddressText::new(line))
        })
    } else {
        fields.invalid(at.field("address_lines"), format!("must have 1 to {} lines", Address::MAX_LINES))
    };
    let locality = fields.value(at.field("locality"), AddressText::new(address.locality));
    let area =
        fields.optional(at.field("administrative_area"), address.administrative_area, AddressText::new);
    let postal_code = fields.optional(at.field("postal_code"), address.postal_code, PostalCode::new);
    let region_code = fields.value(at.field("region_code"), CountryCode::new(&address.region_code));
    Ok(Address {
        recipient: recipient?,
        organization: organization?,
        address_lines: lines?,
        locality: locality?,
        administrative_area: area?,
        postal_code: postal_code?,
        region_code: region_code?,
    })
}

/// Units of lines, each line at most once.
pub(super) fn line_units(
    fields: &mut Fields,
    name: &str,
    items: Vec<proto::LineUnits>,
) -> Checked<Vec<LineUnits>> {
    if items.len() > MAX_LINES {
        return fields.invalid(Path::Root.field(name), format!("must have at most {MAX_LINES} items"));
    }
    let mut seen = HashSet::new();
    let twice: Vec<_> = items.iter().map(|item| !seen.insert(item.line_id)).collect();
    let items = fields.each(&Path::Root, name, items, |fields, at, item| {
        let line_id = number(fields, at.field("line_id"), item.line_id, LineId);
        let quantity = quantity(fields, at.field("quantity"), item.quantity);
        Ok(LineUnits { line_id: line_id?, quantity: quantity? })
    });
    for (index, _) in twice.into_iter().enumerate().filter(|(_, twice)| *twice) {
        let _: Checked<()> =
            fields.invalid(Path::Root.element(name, index).field("line_id"), "is there twice");
    }
    items
}

pub(super) fn tags(fields: &mut Fields, at: &Path<'_>, tags: Vec<String>) -> Checked<Tags> {
    let checked =
        fields.each(at, "tags", tags, |fields, at, tag| fields.value(at, shared_domain::Code::new(tag)))?;
    fields.value(at.field("tags"), Tags::new(checked))
}

pub(super) fn metadata(
    fields: &mut Fields,
    at: &Path<'_>,
    pairs: std::collections::BTreeMap<String, String>,
) -> Checked<Metadata> {
    let at = at.field("metadata");
    let pairs: Vec<Checked<_>> = pairs
        .into_iter()
        .map(|(key, value)| {
            let code = fields.value(at, shared_domain::Code::new(key.clone()))?;
            Ok((code, fields.optional(at.field(&key), value, shared_domain::ShortText::new)?))
        })
        .collect();
    let pairs = pairs.into_iter().collect::<Checked<_>>()?;
    fields.value(at, Metadata::new(pairs))
}
