//! Random commands: each kind of command that there is, save the deletion.

use shared_domain::{
    AdjustmentId, CancelNote, CancelReason, Carrier, DetailsPatch, FailureMessage, LineId, LineUnits,
    MethodLabel, Money, NoteText, NoteVisibility, Order, OrderChange, OrderNumber, PaymentFailure,
    PaymentReport, PaymentSelector, Provider, ProviderReference, Quantity, Reason, Rejected, ShipmentFailure,
    ShipmentId, TrackingNumber, TransactionKind, TransactionState,
};

use crate::{
    drafts::{address, code, contact, line},
    random::Random,
};

/// Carries out a random command of a kind.
pub(crate) type Command = fn(&mut Random, &mut Order) -> Result<(), Rejected>;

/// The commands; those that move an order on more than once, so that it gets somewhere.
pub(crate) const COMMANDS: &[Command] = &[
    update,
    amend,
    amend,
    amend,
    place,
    place,
    place,
    confirm,
    confirm,
    confirm,
    hold,
    release,
    release,
    complete,
    cancel_lines,
    cancel,
    note,
    pack,
    pack,
    pack,
    pack,
    pack,
    pack,
    ship,
    ship,
    ship,
    ship,
    deliver,
    deliver,
    fail,
    cancel_shipment,
    record,
    record,
    record,
    record,
];

fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

fn cancel_note(random: &mut Random) -> Option<CancelNote> {
    random.rng.bool().then(|| CancelNote::new("by\nphone").unwrap())
}

fn money(random: &mut Random, order: &Order) -> Money {
    Money::new(random.rng.i64(1..2_000), order.snapshot().currency).unwrap()
}

fn items(random: &mut Random) -> Vec<LineUnits> {
    let (line_id, units) = (LineId(random.rng.u32(1..4)), random.rng.u32(1..3));
    vec![LineUnits { line_id, quantity: Quantity::new(units).unwrap() }]
}

fn shipment(random: &mut Random) -> ShipmentId {
    ShipmentId(random.rng.u32(1..4))
}

fn update(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    let billing_address = Some(random.rng.bool().then(address));
    let patch = DetailsPatch { contact: Some(Some(contact())), billing_address, ..DetailsPatch::default() };
    order.update(patch, random.now())
}

fn amend(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    let (currency, line_id) = (order.snapshot().currency, LineId(random.rng.u32(1..5)));
    let amount = money(random, order);
    let change = match random.rng.u8(..6) {
        0 => OrderChange::AddLine(line(currency, 333, 3)),
        1 => OrderChange::RemoveLine { line_id },
        2 => OrderChange::SetUnitPrice { line_id, unit_price: amount, tax_amount: Some(amount) },
        3 => {
            let quantity = Quantity::new(random.rng.u32(1..9)).unwrap();
            OrderChange::SetQuantity { line_id, quantity, tax_amount: None }
        }
        4 => OrderChange::RemoveAdjustment { adjustment_id: AdjustmentId(random.rng.u32(1..4)) },
        _ => OrderChange::SetShippingAddress(address()),
    };
    order.amend(vec![change], random.now())
}

pub(crate) fn place(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    order.place(OrderNumber::from_sequence(random.rng.u64(..)), None, None, random.now())
}

pub(crate) fn confirm(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    order.confirm(Some(reason("in stock")), random.now())
}

fn hold(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    order.hold(reason("to be looked at"), random.now())
}

fn release(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    order.release(None, random.now())
}

fn complete(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    order.complete(None, Some(reason("on account")), random.now())
}

/// Seldom, since little can happen to an order after it.
fn cancel(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    if random.rng.u8(..8) > 0 {
        return Ok(());
    }
    let note = cancel_note(random);
    order.cancel(CancelReason::Fraud, note, random.rng.bool(), random.now())
}

fn cancel_lines(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    let note = cancel_note(random);
    order.cancel_lines(items(random), CancelReason::OutOfStock, note, random.now())
}

fn note(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    order.add_note(NoteText::new("called").unwrap(), NoteVisibility::Customer, random.now())
}

pub(crate) fn pack(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    let carrier = random.rng.bool().then(|| Carrier::new("Pigeon Post").unwrap());
    order.create_shipment(items(random), carrier, None, random.now())
}

fn ship(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    let (number, time) = (TrackingNumber::new("T-1").unwrap(), random.now());
    order.ship(shipment(random), None, Some(number), Some(time), random.now())
}

fn deliver(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    order.deliver(shipment(random), None, random.now())
}

fn fail(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    let note = cancel_note(random);
    order.fail_shipment(shipment(random), ShipmentFailure::Lost, note, random.now())
}

fn cancel_shipment(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    let note = cancel_note(random);
    order.cancel_shipment(shipment(random), note, random.now())
}

/// A report of a new transaction, or of one that was seen before and got further.
pub(crate) fn record(random: &mut Random, order: &mut Order) -> Result<(), Rejected> {
    use TransactionKind::{Authorization, Capture, Chargeback, Refund, Void};
    use TransactionState::{Failed, Pending, Succeeded, Unknown};
    let state = random.rng.choice([Pending, Unknown, Succeeded, Succeeded, Failed]).unwrap();
    let failure = (state == Failed).then(|| PaymentFailure {
        code: code("card_declined"),
        message: random.rng.bool().then(|| FailureMessage::new("Declined.\nSorry.").unwrap()),
        retryable: random.rng.bool(),
    });
    let amount = money(random, order);
    let reference = |text| ProviderReference::new(text).unwrap();
    let report = PaymentReport {
        payment: PaymentSelector::AtProvider {
            provider: Provider::new("psp").unwrap(),
            reference: reference(format!("pay-{}", random.rng.u8(..3))),
            method_label: random.rng.bool().then(|| MethodLabel::new("Visa •••• 4242").unwrap()),
            planned_amount: random.rng.bool().then_some(amount),
        },
        kind: random.rng.choice([Authorization, Capture, Capture, Void, Refund, Chargeback]).unwrap(),
        state,
        amount,
        provider_reference: reference(format!("t-{}", random.rng.u8(..20))),
        failure,
        occur_time: random.rng.bool().then(|| random.now()),
    };
    order.record_payment(report, random.now())
}
