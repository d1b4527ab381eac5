//! Drafts.

use std::collections::BTreeMap;

use shared_domain::{
    Address, AddressText, AdjustmentKind, AdjustmentScope, Channel, Code, Contact, CountryCode, Currency,
    CustomerId, Details, Email, ExternalId, ExternalReference, LineId, Metadata, Money, NewAdjustment,
    NewLine, NewOrder, PersonName, Phone, PostalCode, PurchaseOrderNumber, Quantity, Reason, ShippingLine,
    ShortText, Sku, Tags, Title,
};

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(crate) fn line(currency: Currency, price: i64, units: u32) -> NewLine {
    NewLine {
        sku: Sku::new("MUG-1").unwrap(),
        title: None,
        requires_shipping: true,
        quantity: Quantity::new(units).unwrap(),
        unit_price: Money::new(price, currency).unwrap(),
        tax_amount: None,
    }
}

/// A draft with a line, and nothing else that can be left out.
pub(crate) fn plain() -> NewOrder {
    NewOrder {
        channel: None,
        customer_id: None,
        external_reference: None,
        details: Details::default(),
        shipping_address: None,
        currency: Currency::EUR,
        lines: vec![line(Currency::EUR, 1_250, 2)],
        adjustments: vec![],
        shipping_lines: vec![],
    }
}

pub(crate) fn with_reference(id: &str) -> NewOrder {
    NewOrder { external_reference: Some(reference(id)), ..plain() }
}

pub(crate) fn reference(id: &str) -> ExternalReference {
    ExternalReference { source: code("shop"), id: ExternalId::new(id).unwrap() }
}

pub(crate) fn contact() -> Contact {
    Contact {
        name: PersonName::new("Ada \"Countess\" Lovelace").unwrap(),
        email: Some(Email::new("ada@example.com").unwrap()),
        phone: Some(Phone::new("+44 20 7946 0000").unwrap()),
    }
}

pub(crate) fn address() -> Address {
    let text = |text: &str| AddressText::new(text).unwrap();
    Address {
        recipient: PersonName::new("Zoë 🦀 O'Neill").unwrap(),
        organization: Some(PersonName::new("{Braces}, \\Backslashes\\ & Söhne").unwrap()),
        address_lines: vec![text("1, Main Street"), text("NULL")],
        locality: text("London"),
        administrative_area: Some(text("Greater London")),
        postal_code: Some(PostalCode::new("SW1A 1AA").unwrap()),
        region_code: CountryCode::new("GB").unwrap(),
    }
}

/// A draft with everything that a draft can have, and two parts of each kind.
pub(crate) fn full(currency: Currency, external_id: &str) -> NewOrder {
    let money = |minor| Money::new(minor, currency).unwrap();
    let metadata = [("empty", None), ("text", Some("two\nlines, \u{1F600} \\u0041 \"quoted\""))];
    let pair =
        |(key, value): (&str, Option<&str>)| (code(key), value.map(|text| ShortText::new(text).unwrap()));
    let adjustment = |kind, scope, minor, reason: Option<&str>| NewAdjustment {
        kind,
        scope,
        amount: money(minor),
        source_code: code("SPRING"),
        reason: reason.map(|reason| Reason::new(reason).unwrap()),
    };
    NewOrder {
        channel: Some(Channel::new("web").unwrap()),
        customer_id: Some(CustomerId::new("customer-7").unwrap()),
        external_reference: Some(reference(external_id)),
        details: Details {
            contact: Some(contact()),
            billing_address: Some(address()),
            tags: Tags::new(vec![code("vip"), code("gift")]).unwrap(),
            metadata: Metadata::new(metadata.into_iter().map(pair).collect::<BTreeMap<_, _>>()).unwrap(),
            purchase_order_number: Some(PurchaseOrderNumber::new("PO-1").unwrap()),
        },
        shipping_address: Some(Address { organization: None, postal_code: None, ..address() }),
        currency,
        lines: vec![
            NewLine { title: Some(Title::new("Mug, blue").unwrap()), ..line(currency, 1_250, 4) },
            NewLine { requires_shipping: false, tax_amount: Some(money(95)), ..line(currency, 999, 1) },
        ],
        adjustments: vec![
            adjustment(AdjustmentKind::Discount, AdjustmentScope::Order, 500, None),
            adjustment(AdjustmentKind::Surcharge, AdjustmentScope::Line(LineId(1)), 30, Some("gift wrap")),
            adjustment(AdjustmentKind::Discount, AdjustmentScope::Shipping, 100, None),
        ],
        shipping_lines: vec![
            ShippingLine { method: code("standard"), title: None, amount: money(490), tax_amount: money(78) },
            ShippingLine {
                method: code("insurance"),
                title: Some(Title::new("Insured").unwrap()),
                amount: money(100),
                tax_amount: money(0),
            },
        ],
    }
}
