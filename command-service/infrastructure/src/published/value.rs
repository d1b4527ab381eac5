//! Values.

use orders_proto::{google::r#type as google, orders::v1 as proto};
use prost_types::Timestamp as WireTimestamp;
use shared_domain::{
    Address, Contact, ExternalReference, LineUnits, Metadata, Money, OrderId, Tags, Timestamp,
};

pub(crate) fn order_name(id: OrderId) -> String {
    format!("orders/{id}")
}

/// The text of an optional value; empty if there is none.
macro_rules! text {
    ($value:expr) => {
        $value.as_ref().map(|value| value.as_str().to_owned()).unwrap_or_default()
    };
}
pub(super) use text;

pub(super) fn money(money: Money) -> google::Money {
    let scale = 10i64.pow(money.exponent());
    let nanos = money.minor_units() % scale * (1_000_000_000 / scale);
    google::Money {
        currency_code: money.currency().code().to_owned(),
        units: money.minor_units() / scale,
        nanos: i32::try_from(nanos).expect("less than 10^9"),
    }
}

pub(super) fn time(time: Timestamp) -> WireTimestamp {
    let nanos = i32::try_from(time.timestamp_subsec_micros() * 1_000).expect("less than 10^9");
    WireTimestamp { seconds: time.timestamp(), nanos }
}

pub(super) fn quantity(units: u32) -> i32 {
    i32::try_from(units).expect("at most a million")
}

pub(super) fn contact(contact: &Contact) -> proto::Contact {
    proto::Contact {
        name: contact.name.as_str().to_owned(),
        email: text!(contact.email),
        phone: text!(contact.phone),
    }
}

pub(super) fn address(address: &Address) -> proto::Address {
    proto::Address {
        recipient: address.recipient.as_str().to_owned(),
        organization: text!(address.organization),
        address_lines: address.address_lines.iter().map(|line| line.as_str().to_owned()).collect(),
        locality: address.locality.as_str().to_owned(),
        administrative_area: text!(address.administrative_area),
        postal_code: text!(address.postal_code),
        region_code: address.region_code.as_str().to_owned(),
    }
}

pub(super) fn external_reference(reference: &ExternalReference) -> proto::ExternalReference {
    proto::ExternalReference {
        source: reference.source.as_str().to_owned(),
        id: reference.id.as_str().to_owned(),
    }
}

pub(super) fn tags(tags: &Tags) -> Vec<String> {
    tags.iter().map(|tag| tag.as_str().to_owned()).collect()
}

pub(super) fn metadata(metadata: &Metadata) -> std::collections::BTreeMap<String, String> {
    metadata.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

pub(super) fn line_units(items: &[LineUnits]) -> Vec<proto::LineUnits> {
    let wire = |item: &LineUnits| proto::LineUnits {
        line_id: item.line_id.0,
        quantity: quantity(item.quantity.units()),
    };
    items.iter().map(wire).collect()
}

#[cfg(test)]
mod tests {
    use shared_domain::parse_currency;

    use super::*;

    #[test]
    fn money_has_units_and_nanos_of_one_sign() {
        let wire = |minor, code| {
            let google::Money { units, nanos, .. } =
                money(Money::new(minor, parse_currency(code).unwrap()).unwrap());
            (units, nanos)
        };
        assert_eq!(wire(1234, "EUR"), (12, 340_000_000));
        assert_eq!(wire(-5, "EUR"), (0, -50_000_000));
        assert_eq!(wire(-1205, "EUR"), (-12, -50_000_000));
        assert_eq!(wire(1234, "JPY"), (1234, 0));
        assert_eq!(wire(1234, "KWD"), (1, 234_000_000));
    }
}
