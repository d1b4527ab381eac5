//! What may happen to an order next: more often than not something that its state allows.

use fastrand::Rng;
use orders_proto::orders::v1::{
    self as proto, CancelReason, LineUnits, NoteVisibility, Order, OrderChange, OrderState, PaymentFailure,
    PaymentTransactionKind, PaymentTransactionState, ReportedTransaction, ShipmentFailureReason,
    order_change::Change,
};

use super::{
    command::Command,
    drafts::{address, adjustment, amount, contact, line, one, shipping_lines, tags, text},
    minor_units, money,
};

type Make = fn(&mut Rng, &Order) -> Command;

const ANY: [Make; 16] = [
    update,
    amend,
    place,
    confirm,
    hold,
    release,
    complete,
    cancel,
    cancel_lines,
    delete,
    note,
    pack,
    ship,
    deliver,
    fail,
    unpack,
];

/// A command on an order as it was seen last.
pub fn command(rng: &mut Rng, order: &Order) -> Command {
    let sensible: &[Make] = match order.state() {
        OrderState::Placed if order.hold.is_some() => &[release, release, pay, note],
        OrderState::Confirmed if order.hold.is_some() => &[release, release, pay, deliver],
        OrderState::Draft => &[amend, amend, update, place, place, place, cancel_lines],
        OrderState::Placed => &[confirm, confirm, confirm, settle, pay, amend, hold, cancel_lines],
        OrderState::Confirmed => {
            &[pack, pack, ship, ship, deliver, settle, complete, complete, pay, amend, cancel_lines, fail]
        }
        OrderState::Completed => &[pay, deliver, fail, note, update],
        OrderState::Cancelled | OrderState::Unspecified => &[pay, note, update],
    };
    let make = if rng.u8(..10) < 8 { one(rng, sensible) } else { one(rng, &ANY) };
    make(rng, order)
}

fn name(order: &Order) -> String {
    order.name.clone()
}

fn reason(rng: &mut Rng) -> String {
    text(rng, &["", "Why not"])
}

fn update(rng: &mut Rng, order: &Order) -> Command {
    let paths = ["*", "contact", "billing_address", "tags", "metadata", "purchase_order_number", "state"];
    let path = one(rng, &paths);
    let changed = Order {
        name: name(order),
        contact: contact(rng),
        billing_address: rng.bool().then(|| address(rng)),
        tags: tags(rng),
        purchase_order_number: text(rng, &["", "PO-2"]),
        ..Order::default()
    };
    let update_mask = Some(prost_types::FieldMask { paths: vec![path.to_owned()] });
    Command::Update(proto::UpdateOrderRequest { order: Some(changed), update_mask, ..Default::default() })
}

fn amend(rng: &mut Rng, order: &Order) -> Command {
    let changes = (0..rng.u8(1..4)).map(|_| OrderChange { change: Some(change(rng, order)) }).collect();
    Command::Amend(proto::AmendOrderRequest { name: name(order), changes, ..Default::default() })
}

fn change(rng: &mut Rng, order: &Order) -> Change {
    let currency = &order.currency_code;
    let line_id = line_id(rng, order);
    match rng.u8(..8) {
        0 | 1 => Change::AddLine(line(rng, currency)),
        2 => Change::SetQuantity(proto::SetLineQuantity {
            line_id,
            quantity: rng.i32(1..=12),
            tax_amount: amount(rng, currency, 0..=99),
        }),
        3 => Change::RemoveLine(proto::RemoveLine { line_id }),
        4 => Change::SetUnitPrice(proto::SetLineUnitPrice {
            line_id,
            unit_price: amount(rng, currency, 0..=9_999),
            tax_amount: None,
        }),
        5 => Change::AddAdjustment(adjustment(rng, currency, order.lines.len())),
        6 => match rng.choice(&order.adjustments) {
            Some(known) => {
                Change::RemoveAdjustment(proto::RemoveAdjustment { adjustment_id: known.adjustment_id })
            }
            None => Change::SetShippingAddress(address(rng)),
        },
        _ => Change::SetShipping(proto::SetShipping { shipping_lines: shipping_lines(rng, currency) }),
    }
}

fn place(rng: &mut Rng, order: &Order) -> Command {
    let total = order.totals.as_ref().and_then(|totals| totals.total.clone());
    let expected_total = match rng.u8(..4) {
        0 => amount(rng, &order.currency_code, 0..=99),
        1 => total,
        _ => None,
    };
    let reason = reason(rng);
    Command::Place(proto::PlaceOrderRequest {
        name: name(order),
        reason,
        expected_total,
        ..Default::default()
    })
}

fn confirm(rng: &mut Rng, order: &Order) -> Command {
    Command::Confirm(proto::ConfirmOrderRequest {
        name: name(order),
        reason: reason(rng),
        ..Default::default()
    })
}

fn hold(rng: &mut Rng, order: &Order) -> Command {
    Command::Hold(proto::HoldOrderRequest { name: name(order), reason: reason(rng), ..Default::default() })
}

fn release(rng: &mut Rng, order: &Order) -> Command {
    Command::Release(proto::ReleaseOrderRequest {
        name: name(order),
        reason: reason(rng),
        ..Default::default()
    })
}

fn complete(rng: &mut Rng, order: &Order) -> Command {
    let payment_override_reason = text(rng, &["", "", "On account"]);
    Command::Complete(proto::CompleteOrderRequest {
        name: name(order),
        payment_override_reason,
        ..Default::default()
    })
}

fn cancel(rng: &mut Rng, order: &Order) -> Command {
    let cancel_pending_shipments = rng.bool();
    Command::Cancel(proto::CancelOrderRequest {
        name: name(order),
        reason: CancelReason::CustomerRequest.into(),
        note: reason(rng),
        cancel_pending_shipments,
        ..Default::default()
    })
}

fn cancel_lines(rng: &mut Rng, order: &Order) -> Command {
    let lines = units(rng, order);
    let reason = CancelReason::OutOfStock.into();
    Command::Cancel(proto::CancelOrderRequest { name: name(order), reason, lines, ..Default::default() })
}

fn delete(_: &mut Rng, order: &Order) -> Command {
    Command::Delete(proto::DeleteOrderRequest { name: name(order), ..Default::default() })
}

fn note(rng: &mut Rng, order: &Order) -> Command {
    let (text, visibility) = (text(rng, &["Called back", "Rückruf"]), NoteVisibility::Internal.into());
    Command::Note(proto::AddOrderNoteRequest { name: name(order), text, visibility, ..Default::default() })
}

fn pack(rng: &mut Rng, order: &Order) -> Command {
    let items = units(rng, order);
    let carrier = text(rng, &["", "dhl"]);
    Command::Pack(proto::CreateShipmentRequest { name: name(order), items, carrier, ..Default::default() })
}

fn ship(rng: &mut Rng, order: &Order) -> Command {
    let tracking_number = text(rng, &["", "T-1", "T-2"]);
    let shipment_id = shipment_id(rng, order);
    Command::Ship(proto::ShipShipmentRequest {
        name: name(order),
        shipment_id,
        tracking_number,
        ..Default::default()
    })
}

fn deliver(rng: &mut Rng, order: &Order) -> Command {
    let shipment_id = shipment_id(rng, order);
    Command::Deliver(proto::DeliverShipmentRequest { name: name(order), shipment_id, ..Default::default() })
}

fn fail(rng: &mut Rng, order: &Order) -> Command {
    let (shipment_id, reason) = (shipment_id(rng, order), ShipmentFailureReason::Lost.into());
    Command::Fail(proto::FailShipmentRequest { name: name(order), shipment_id, reason, ..Default::default() })
}

fn unpack(rng: &mut Rng, order: &Order) -> Command {
    let shipment_id = shipment_id(rng, order);
    Command::Unpack(proto::CancelShipmentRequest { name: name(order), shipment_id, ..Default::default() })
}

/// What is due is paid, exactly, or reserved.
fn settle(rng: &mut Rng, order: &Order) -> Command {
    let due = order.balance.clone().filter(|balance| minor_units(balance) > 0);
    let kinds = [
        PaymentTransactionKind::Authorization,
        PaymentTransactionKind::Capture,
        PaymentTransactionKind::Capture,
    ];
    let transaction = ReportedTransaction {
        kind: one(rng, &kinds).into(),
        state: PaymentTransactionState::Succeeded.into(),
        amount: due.or_else(|| money(&order.currency_code, 1)),
        provider_reference: format!("settled-{}", rng.u16(..)),
        ..ReportedTransaction::default()
    };
    report(order, "till", "cash", transaction)
}

/// Something happens to one of a few payments.
fn pay(rng: &mut Rng, order: &Order) -> Command {
    use {PaymentTransactionKind as Kind, PaymentTransactionState as State};
    let kind = one(rng, &[Kind::Authorization, Kind::Capture, Kind::Capture, Kind::Void, Kind::Refund]);
    let state = one(rng, &[State::Succeeded, State::Succeeded, State::Pending, State::Failed]);
    let transaction = ReportedTransaction {
        kind: kind.into(),
        state: state.into(),
        amount: amount(rng, &order.currency_code, 1..=9_999),
        provider_reference: format!("tx-{}", rng.u8(..8)),
        failure: (state == State::Failed)
            .then(|| PaymentFailure { code: "declined".to_owned(), ..PaymentFailure::default() }),
        occur_time: None,
    };
    let (provider, payment) = (text(rng, &["stripe", "till"]), format!("pay-{}", rng.u8(..2)));
    report(order, &provider, &payment, transaction)
}

fn report(order: &Order, provider: &str, payment: &str, transaction: ReportedTransaction) -> Command {
    Command::Pay(proto::RecordPaymentTransactionRequest {
        name: name(order),
        provider: provider.to_owned(),
        provider_reference: payment.to_owned(),
        transaction: Some(transaction),
        ..Default::default()
    })
}

/// Units of some lines, most of the time no more than are open.
fn units(rng: &mut Rng, order: &Order) -> Vec<LineUnits> {
    let greedy = rng.u8(..10) == 0;
    let mut units = Vec::new();
    for line in &order.lines {
        let open = line.quantities.as_ref().map_or(0, |quantities| quantities.open) + i32::from(greedy);
        if open > 0 && rng.u8(..3) > 0 {
            let quantity = if rng.bool() { open } else { rng.i32(1..=open) };
            units.push(LineUnits { line_id: line.line_id, quantity });
        }
    }
    units
}

fn line_id(rng: &mut Rng, order: &Order) -> u32 {
    rng.choice(&order.lines).map_or(7, |line| line.line_id)
}

fn shipment_id(rng: &mut Rng, order: &Order) -> u32 {
    rng.choice(&order.shipments).map_or(1, |shipment| shipment.shipment_id)
}
