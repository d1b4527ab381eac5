//! Values.

use orders_proto::orders::v1 as proto;
use shared_domain::{Address, Contact, ExternalReference, LineUnits, Metadata, Tags};

/// The text of an optional value; empty if there is none.
macro_rules! text {
    ($value:expr) => {
        $value.as_ref().map(|value| value.as_str().to_owned()).unwrap_or_default()
    };
}
pub(super) use text;

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
