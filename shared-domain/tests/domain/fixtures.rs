//! Values for tests: short names for what the domain spells out. No rules and no orders in the middle of their lives.

use chrono::{DateTime, TimeDelta};
use shared_domain::{
    Address, AddressText, AdjustmentKind, AdjustmentScope, Code, Contact, CountryCode, Currency, Details,
    Email, LineId, LineUnits, Money, NewAdjustment, NewLine, NewOrder, OrderId, PaymentId, PaymentReport,
    PaymentSelector, PersonName, Provider, ProviderReference, Quantity, Reason, ShippingLine, Sku, Timestamp,
    TransactionKind, TransactionState,
};

pub(crate) fn eur(minor_units: i64) -> Money {
    Money::new(minor_units, Currency::EUR).expect("in range")
}

pub(crate) fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, Currency::USD).expect("in range")
}

/// So many seconds after the tests' beginning of time.
pub(crate) fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time") + TimeDelta::seconds(seconds)
}

pub(crate) fn order_id() -> OrderId {
    OrderId::chosen("01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("a UUID")).expect("of version 7")
}

pub(crate) fn quantity(units: u32) -> Quantity {
    Quantity::new(units).expect("1 to 1,000,000")
}

pub(crate) fn units(line: u32, units: u32) -> LineUnits {
    LineUnits { line_id: LineId(line), quantity: quantity(units) }
}

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::new(text).expect("a reason")
}

/// A line that ships, without tax.
pub(crate) fn line(unit_price: i64, units: u32) -> NewLine {
    NewLine {
        sku: Sku::new("MUG-1").expect("an SKU"),
        title: None,
        requires_shipping: true,
        quantity: quantity(units),
        unit_price: eur(unit_price),
        tax_amount: None,
    }
}

/// A line that needs no shipping, without tax.
pub(crate) fn digital(unit_price: i64, units: u32) -> NewLine {
    NewLine { requires_shipping: false, ..line(unit_price, units) }
}

pub(crate) fn taxed(line: NewLine, tax: i64) -> NewLine {
    NewLine { tax_amount: Some(eur(tax)), ..line }
}

/// A discount on the whole order.
pub(crate) fn discount(minor_units: i64) -> NewAdjustment {
    NewAdjustment {
        kind: AdjustmentKind::Discount,
        scope: AdjustmentScope::Order,
        amount: eur(minor_units),
        source_code: code("SPRING"),
        reason: None,
    }
}

/// A surcharge on the whole order.
pub(crate) fn surcharge(minor_units: i64) -> NewAdjustment {
    NewAdjustment { kind: AdjustmentKind::Surcharge, ..discount(minor_units) }
}

/// The adjustment, for one line alone.
pub(crate) fn of_line(id: u32, adjustment: NewAdjustment) -> NewAdjustment {
    NewAdjustment { scope: AdjustmentScope::Line(LineId(id)), ..adjustment }
}

/// The adjustment, for the shipping cost.
pub(crate) fn of_shipping(adjustment: NewAdjustment) -> NewAdjustment {
    NewAdjustment { scope: AdjustmentScope::Shipping, ..adjustment }
}

pub(crate) fn shipping(minor_units: i64, tax: i64) -> ShippingLine {
    ShippingLine { method: code("standard"), title: None, amount: eur(minor_units), tax_amount: eur(tax) }
}

pub(crate) fn contact() -> Contact {
    Contact {
        name: PersonName::new("Ada Lovelace").expect("a name"),
        email: Some(Email::new("ada@example.com").expect("an address")),
        phone: None,
    }
}

pub(crate) fn address(locality: &str) -> Address {
    Address {
        recipient: PersonName::new("Ada Lovelace").expect("a name"),
        organization: None,
        address_lines: vec![AddressText::new("Main Street 1").expect("a line")],
        locality: AddressText::new(locality).expect("a town"),
        administrative_area: None,
        postal_code: None,
        region_code: CountryCode::new("GB").expect("a country"),
    }
}

/// An order in EUR that lacks nothing to be placed.
pub(crate) fn order_of(lines: Vec<NewLine>) -> NewOrder {
    NewOrder {
        channel: None,
        customer_id: None,
        external_reference: None,
        details: Details { contact: Some(contact()), ..Details::default() },
        shipping_address: Some(address("London")),
        currency: Currency::EUR,
        lines,
        adjustments: vec![],
        shipping_lines: vec![],
    }
}

/// The payment that the provider `psp` knows by this reference.
pub(crate) fn at_psp(reference: &str) -> PaymentSelector {
    PaymentSelector::AtProvider {
        provider: Provider::new("psp").expect("a provider"),
        reference: provider_reference(reference),
        method_label: None,
        planned_amount: None,
    }
}

pub(crate) fn provider_reference(reference: &str) -> ProviderReference {
    ProviderReference::new(reference).expect("a reference")
}

/// A report on the payment `pay-1` of a transaction that succeeded.
pub(crate) fn succeeded(kind: TransactionKind, minor_units: i64, reference: &str) -> PaymentReport {
    PaymentReport {
        payment: at_psp("pay-1"),
        kind,
        state: TransactionState::Succeeded,
        amount: eur(minor_units),
        provider_reference: provider_reference(reference),
        failure: None,
        occur_time: None,
    }
}

pub(crate) fn authorization(minor_units: i64, reference: &str) -> PaymentReport {
    succeeded(TransactionKind::Authorization, minor_units, reference)
}

pub(crate) fn capture(minor_units: i64, reference: &str) -> PaymentReport {
    succeeded(TransactionKind::Capture, minor_units, reference)
}

pub(crate) fn refund(minor_units: i64, reference: &str) -> PaymentReport {
    succeeded(TransactionKind::Refund, minor_units, reference)
}

/// The report, in another state.
pub(crate) fn but(state: TransactionState, report: PaymentReport) -> PaymentReport {
    PaymentReport { state, ..report }
}

/// The report, on another payment of the provider.
pub(crate) fn on(payment: &str, report: PaymentReport) -> PaymentReport {
    PaymentReport { payment: at_psp(payment), ..report }
}

/// The report, on a payment that the order has.
pub(crate) fn on_existing(payment: u32, report: PaymentReport) -> PaymentReport {
    PaymentReport { payment: PaymentSelector::Existing(PaymentId(payment)), ..report }
}
