//! Random commands: small numbers, so that they hit what is there, and now and then nothing.

use proptest::{collection::vec, option, prelude::*, sample::select};
use shared_domain::{
    AdjustmentId, AdjustmentKind, AdjustmentScope, DetailsPatch, Line, LineId, LineUnits, Money,
    NewAdjustment, NewLine, NewOrder, OrderChange, OrderSnapshot, PaymentReport, PurchaseOrderNumber,
    ShippingLine, TransactionKind, TransactionState,
};

use crate::{
    fixtures::{
        address, capture, contact, discount, eur, line, on, on_existing, order_of, quantity, shipping,
        succeeded, units, usd,
    },
    story::{COMPLETE, Command, PLACE},
};

/// A command, some seconds after the one before.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) seconds: i64,
    command: Command,
    /// Whether it is about all there is: all that is still to be paid, or all units that are open.
    in_full: bool,
}

impl Step {
    /// The command as it is given to this order.
    pub(crate) fn command(&self, order: &OrderSnapshot) -> Command {
        let all = |open: fn(&Line) -> u32| -> Vec<LineUnits> {
            let left = order.lines.iter().filter(|line| open(line) > 0);
            left.map(|line| units(line.id.0, open(line))).collect()
        };
        match &self.command {
            Command::Record(report) if self.in_full && order.balance().minor_units() > 0 => {
                Command::Record(PaymentReport {
                    amount: eur(order.balance().minor_units()),
                    ..report.clone()
                })
            }
            Command::CancelLines(_) if self.in_full => Command::CancelLines(all(Line::open)),
            Command::CreateShipment(_) if self.in_full => {
                Command::CreateShipment(all(Line::awaiting_shipment))
            }
            command => command.clone(),
        }
    }
}

/// Drafts, some of which cannot be.
pub(crate) fn new_orders() -> impl Strategy<Value = NewOrder> {
    let parts = (vec(lines(), 0..4), vec(adjustments(), 0..4), vec(shipping_lines(), 0..3));
    let lacks = (prop::bool::weighted(0.05), prop::bool::weighted(0.05));
    (parts, lacks).prop_map(|((lines, adjustments, shipping_lines), (no_contact, no_address))| {
        let mut new = NewOrder { adjustments, shipping_lines, ..order_of(lines) };
        new.details.contact = new.details.contact.filter(|_| !no_contact);
        new.shipping_address = new.shipping_address.filter(|_| !no_address);
        new
    })
}

/// How far an order gets before anything else happens to it.
pub(crate) fn start() -> impl Strategy<Value = Vec<Step>> {
    let plain = |command| Step { seconds: 1, command, in_full: false };
    let in_full = |command| Step { seconds: 1, command, in_full: true };
    let pay = in_full(Command::Record(capture(1, "start")));
    let send_all = [in_full(Command::CreateShipment(vec![])), plain(Command::Ship(1)), plain(COMPLETE)];
    let send_one = [plain(Command::CreateShipment(vec![units(1, 1)])), plain(Command::Ship(1))];
    let confirm = [plain(PLACE), plain(Command::Confirm)];
    let paid = [&confirm[..], &[pay]].concat();
    let (partly_sent, completed) = ([&paid[..], &send_one].concat(), [&paid[..], &send_all].concat());
    prop_oneof![
        2 => Just(vec![]),
        3 => Just(vec![plain(PLACE)]),
        4 => Just(confirm.to_vec()),
        2 => Just(partly_sent),
        1 => Just(completed),
    ]
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec((-3i64..10, commands(), prop::bool::weighted(0.3)), 1..40).prop_map(|steps| {
        let step = |(seconds, command, in_full)| Step { seconds, command, in_full };
        steps.into_iter().map(step).collect()
    })
}

fn commands() -> impl Strategy<Value = Command> {
    let shipment = || 1u32..5;
    prop_oneof![
        2 => patches().prop_map(Command::Update),
        6 => vec(changes(), 0..6).prop_map(Command::Amend),
        1 => option::of(0i64..200).prop_map(|total| Command::Place { expected_total: total.map(eur) }),
        1 => Just(Command::Confirm),
        2 => Just(Command::Hold),
        2 => Just(Command::Release),
        3 => any::<bool>().prop_map(|payment_override| Command::Complete { payment_override }),
        1 => any::<bool>()
            .prop_map(|cancel_pending_shipments| Command::Cancel { cancel_pending_shipments }),
        5 => items().prop_map(Command::CancelLines),
        6 => items().prop_map(Command::CreateShipment),
        6 => shipment().prop_map(Command::Ship),
        1 => shipment().prop_map(Command::CancelShipment),
        4 => shipment().prop_map(Command::Deliver),
        2 => shipment().prop_map(Command::Fail),
        12 => reports().prop_map(Command::Record),
        1 => Just(Command::Note),
        1 => Just(Command::Delete),
    ]
}

fn patches() -> impl Strategy<Value = DetailsPatch> {
    let number = PurchaseOrderNumber::new("PO-1").expect("a number");
    let contact = || option::of(option::weighted(0.8, Just(contact())));
    (contact(), option::of(option::of(Just(number)))).prop_map(|(contact, purchase_order_number)| {
        DetailsPatch { contact, purchase_order_number, ..DetailsPatch::default() }
    })
}

fn amounts(range: std::ops::Range<i64>) -> impl Strategy<Value = Money> {
    prop_oneof![100 => range.clone().prop_map(eur), 1 => range.prop_map(usd), 1 => Just(eur(-3))]
}

fn lines() -> impl Strategy<Value = NewLine> {
    let tax = || option::of(amounts(0..12));
    (amounts(0..20), 1u32..6, prop::bool::weighted(0.8), tax()).prop_map(|(price, n, ships, tax_amount)| {
        NewLine { unit_price: price, requires_shipping: ships, tax_amount, ..line(0, n) }
    })
}

fn adjustments() -> impl Strategy<Value = NewAdjustment> {
    let kinds = select(vec![AdjustmentKind::Discount, AdjustmentKind::Surcharge]);
    let scopes = prop_oneof![
        6 => Just(AdjustmentScope::Order),
        2 => (1u32..5).prop_map(|id| AdjustmentScope::Line(LineId(id))),
        1 => Just(AdjustmentScope::Shipping),
    ];
    (kinds, scopes, amounts(0..25)).prop_map(|(kind, scope, amount)| NewAdjustment {
        kind,
        scope,
        amount,
        ..discount(1)
    })
}

fn shipping_lines() -> impl Strategy<Value = ShippingLine> {
    (amounts(0..20), amounts(0..5)).prop_map(|(amount, tax_amount)| ShippingLine {
        amount,
        tax_amount,
        ..shipping(0, 0)
    })
}

fn line_ids() -> impl Strategy<Value = LineId> {
    (1u32..5).prop_map(LineId)
}

fn items() -> impl Strategy<Value = Vec<LineUnits>> {
    vec((1u32..4, 1u32..4).prop_map(|(line, n)| units(line, n)), 0..3)
}

fn changes() -> impl Strategy<Value = OrderChange> {
    let tax = || option::of(amounts(0..12));
    prop_oneof![
        3 => lines().prop_map(OrderChange::AddLine),
        4 => (line_ids(), 1u32..7, tax()).prop_map(|(line_id, n, tax_amount)| {
            OrderChange::SetQuantity { line_id, quantity: quantity(n), tax_amount }
        }),
        2 => line_ids().prop_map(|line_id| OrderChange::RemoveLine { line_id }),
        3 => (line_ids(), amounts(0..20), tax()).prop_map(|(line_id, unit_price, tax_amount)| {
            OrderChange::SetUnitPrice { line_id, unit_price, tax_amount }
        }),
        4 => adjustments().prop_map(OrderChange::AddAdjustment),
        2 => (1u32..5).prop_map(|id| OrderChange::RemoveAdjustment { adjustment_id: AdjustmentId(id) }),
        1 => vec(shipping_lines(), 0..3).prop_map(OrderChange::SetShipping),
        1 => Just(OrderChange::SetShippingAddress(address("Bath"))),
    ]
}

fn reports() -> impl Strategy<Value = PaymentReport> {
    use TransactionKind::*;
    use TransactionState::*;
    let kinds = select(vec![
        Authorization,
        Authorization,
        Capture,
        Capture,
        Capture,
        Void,
        Refund,
        Refund,
        Chargeback,
    ]);
    let states = select(vec![Pending, Unknown, Failed, Succeeded, Succeeded, Succeeded, Succeeded]);
    let payment = (select(vec!["pay-1", "pay-2"]), option::weighted(0.1, 1u32..4));
    (kinds, states, amounts(0..60), payment, select(vec!["a", "b", "c", "d"])).prop_map(
        |(kind, state, amount, (payment, existing), reference)| {
            let report = on(payment, PaymentReport { state, amount, ..succeeded(kind, 1, reference) });
            existing.map_or(report.clone(), |id| on_existing(id, report))
        },
    )
}
