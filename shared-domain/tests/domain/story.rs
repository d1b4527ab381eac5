//! The life of an order in a test: commands one by one, each committed, and each checked against the laws that hold for all.

use std::fmt::Debug;

use shared_domain::{
    CancelReason, CommandKind, DetailsPatch, Event, LineUnits, NewLine, NewOrder, NoteText, NoteVisibility,
    Order, OrderChange, OrderNumber, OrderSnapshot, PaymentReport, Rejected, ShipmentFailure, ShipmentId,
    Timestamp, Violation,
};

use crate::{
    fixtures::{at, order_id, order_of, reason},
    laws,
};

/// A command with what matters about it; the rest is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Update(DetailsPatch),
    Amend(Vec<OrderChange>),
    Place { expected_total: Option<shared_domain::Money> },
    Confirm,
    Hold,
    Release,
    Complete { payment_override: bool },
    Cancel { cancel_pending_shipments: bool },
    CancelLines(Vec<LineUnits>),
    CreateShipment(Vec<LineUnits>),
    Ship(u32),
    CancelShipment(u32),
    Deliver(u32),
    Fail(u32),
    Record(PaymentReport),
    Note,
    Delete,
}

pub(crate) const PLACE: Command = Command::Place { expected_total: None };
pub(crate) const COMPLETE: Command = Command::Complete { payment_override: false };
pub(crate) const CANCEL: Command = Command::Cancel { cancel_pending_shipments: false };

impl Command {
    pub(crate) fn kind(&self) -> CommandKind {
        match self {
            Self::Update(_) => CommandKind::UpdateOrder,
            Self::Amend(_) => CommandKind::AmendOrder,
            Self::Place { .. } => CommandKind::PlaceOrder,
            Self::Confirm => CommandKind::ConfirmOrder,
            Self::Hold => CommandKind::HoldOrder,
            Self::Release => CommandKind::ReleaseOrder,
            Self::Complete { .. } => CommandKind::CompleteOrder,
            Self::Cancel { .. } => CommandKind::CancelOrder,
            Self::CancelLines(_) => CommandKind::CancelOrderLines,
            Self::CreateShipment(_) => CommandKind::CreateShipment,
            Self::Ship(_) => CommandKind::ShipShipment,
            Self::CancelShipment(_) => CommandKind::CancelShipment,
            Self::Deliver(_) => CommandKind::DeliverShipment,
            Self::Fail(_) => CommandKind::FailShipment,
            Self::Record(_) => CommandKind::RecordPaymentTransaction,
            Self::Note => CommandKind::AddOrderNote,
            Self::Delete => CommandKind::DeleteOrder,
        }
    }

    pub(crate) fn apply(self, order: &mut Order, now: Timestamp) -> Result<(), Rejected> {
        match self {
            Self::Update(patch) => order.update(patch, now),
            Self::Amend(changes) => order.amend(changes, now),
            Self::Place { expected_total } => {
                order.place(OrderNumber::from_sequence(7), expected_total, None, now)
            }
            Self::Confirm => order.confirm(None, now),
            Self::Hold => order.hold(reason("to be looked at"), now),
            Self::Release => order.release(None, now),
            Self::Complete { payment_override } => {
                order.complete(None, payment_override.then(|| reason("on account")), now)
            }
            Self::Cancel { cancel_pending_shipments } => {
                order.cancel(CancelReason::CustomerRequest, None, cancel_pending_shipments, now)
            }
            Self::CancelLines(items) => order.cancel_lines(items, CancelReason::OutOfStock, None, now),
            Self::CreateShipment(items) => order.create_shipment(items, None, None, now),
            Self::Ship(id) => order.ship(ShipmentId(id), None, None, None, now),
            Self::CancelShipment(id) => order.cancel_shipment(ShipmentId(id), None, now),
            Self::Deliver(id) => order.deliver(ShipmentId(id), None, now),
            Self::Fail(id) => order.fail_shipment(ShipmentId(id), ShipmentFailure::Lost, None, now),
            Self::Record(report) => order.record_payment(report, now),
            Self::Note => {
                order.add_note(NoteText::new("called").expect("a note"), NoteVisibility::Internal, now)
            }
            Self::Delete => order.delete(now),
        }
    }
}

/// An order and all that was committed of it.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    order: Order,
    commits: Vec<(Timestamp, Vec<Event>)>,
    clock: Timestamp,
}

impl Story {
    pub(crate) fn create(new: NewOrder) -> Self {
        let created = Order::create(order_id(), new, at(0)).unwrap_or_else(|rejected| panic!("{rejected}"));
        let commits = vec![(at(0), created.events().to_vec())];
        let order = Order::restore(created.snapshot().clone()).expect("sound");
        let story = Self { order, commits, clock: at(0) };
        laws::of_state(&story);
        story
    }

    pub(crate) fn draft(lines: Vec<NewLine>) -> Self {
        Self::create(order_of(lines))
    }

    pub(crate) fn placed(lines: Vec<NewLine>) -> Self {
        Self::draft(lines).then(PLACE)
    }

    pub(crate) fn confirmed(lines: Vec<NewLine>) -> Self {
        Self::placed(lines).then(Command::Confirm)
    }

    pub(crate) fn order(&self) -> &OrderSnapshot {
        self.order.snapshot()
    }

    pub(crate) fn commits(&self) -> &[(Timestamp, Vec<Event>)] {
        &self.commits
    }

    pub(crate) fn last_events(&self) -> &[Event] {
        &self.commits.last().expect("it was created").1
    }

    /// The command is carried out a second after the one before, and what it changed is committed.
    pub(crate) fn run(&mut self, command: Command) -> Result<(), Vec<Violation>> {
        self.run_after(1, command)
    }

    /// The command is carried out so many seconds after the one before, by a clock that may run backwards.
    pub(crate) fn run_after(&mut self, seconds: i64, command: Command) -> Result<(), Vec<Violation>> {
        self.clock += chrono::TimeDelta::seconds(seconds);
        let now = self.clock;
        let kind = command.kind();
        self.run_verb(kind, |order| command.apply(order, now))
    }

    /// As [`Self::run`], for what a [`Command`] leaves out.
    pub(crate) fn run_verb(
        &mut self,
        kind: CommandKind,
        verb: impl FnOnce(&mut Order) -> Result<(), Rejected>,
    ) -> Result<(), Vec<Violation>> {
        let before = self.order.clone();
        let result = verb(&mut self.order).map_err(|rejected| rejected.0);
        laws::of_answer(kind, &before, &self.order, &result);
        if result.is_ok() {
            self.commit(before.snapshot());
        }
        result
    }

    fn commit(&mut self, before: &OrderSnapshot) {
        let events = self.order.events().to_vec();
        if !events.is_empty() {
            self.commits.push((self.order().times.update, events));
        }
        laws::of_step(before, self);
        laws::of_state(self);
        self.order = Order::restore(self.order().clone()).expect("sound");
    }

    /// The story goes on with a command that has to be accepted.
    pub(crate) fn then(mut self, command: Command) -> Self {
        let told = format!("{command:?}");
        self.run(command).unwrap_or_else(|violations| panic!("{told} was refused: {violations:?}"));
        self
    }

    pub(crate) fn then_all(self, commands: impl IntoIterator<Item = Command>) -> Self {
        commands.into_iter().fold(self, Self::then)
    }

    /// What a command is refused for, here and now.
    pub(crate) fn refusal(&self, command: Command) -> Vec<Violation> {
        let told = format!("{command:?}");
        match self.clone().run(command) {
            Ok(()) => panic!("{told} was accepted"),
            Err(violations) => violations,
        }
    }

    /// Asserts that a command is refused for exactly these reasons.
    pub(crate) fn refuses(&self, command: Command, violations: impl IntoIterator<Item = Violation>) -> &Self {
        let expected: Vec<_> = violations.into_iter().collect();
        assert_eq!(self.refusal(command), expected);
        self
    }
}
