//! Every command in every state, on orders brought there by commands, where nothing but the state may stand in the way.

use shared_domain::{
    CommandKind::{self, *},
    DetailsPatch, LineId, OrderChange,
    OrderState::{self, *},
    ShipmentId, ShipmentState, Violation,
};

use crate::{
    fixtures::{address, capture, digital, line, units},
    story::{COMPLETE, Command, PLACE, Story},
    table::{agreed, cells},
};

#[test]
fn every_command_in_every_state_does_what_the_table_says() {
    for (command, state) in cells() {
        let agreed = agreed(command, state);
        let cell = format!("{} in {}", command.name(), state.name());
        let mut reached = vec![];
        for (mut story, attempt) in scenarios(command, state) {
            assert_eq!((attempt.kind(), story.order().state), (command, state), "the scenario fits {cell}");
            match story.run(attempt) {
                Ok(()) => reached.push(story.order().state),
                Err(violations) => {
                    let mut expected = vec![Violation::InvalidStateTransition { command, state }];
                    expected.extend(brought_along(command, state));
                    assert_eq!(violations, expected, "{cell}");
                }
            }
        }
        assert!(agreed.iter().all(|state| reached.contains(state)), "{cell} leads to {reached:?} only");
        assert!(reached.iter().all(|state| agreed.contains(state)), "{cell} leads to {reached:?}");
    }
}

/// Three units that ship and two that need no shipping.
fn in_state(state: OrderState) -> Story {
    let placed = || Story::placed(vec![line(10, 3), digital(5, 2)]);
    match state {
        Draft => Story::draft(vec![line(10, 3), digital(5, 2)]),
        Placed => placed(),
        Confirmed => placed().then(Command::Confirm),
        Completed => {
            let all = vec![units(1, 3)];
            let shipped = in_state(Confirmed).then(Command::CreateShipment(all)).then(Command::Ship(1));
            shipped.then(Command::Record(capture(40, "c-1"))).then(COMPLETE)
        }
        Cancelled => placed().then(Command::Cancel { cancel_pending_shipments: false }),
    }
}

/// Ways to give the command in the state. There are several where it may lead to several states.
fn scenarios(command: CommandKind, state: OrderState) -> Vec<(Story, Command)> {
    let story = in_state(state);
    vec![match command {
        UpdateOrder => (story, Command::Update(DetailsPatch::default())),
        AmendOrder => (story, Command::Amend(vec![OrderChange::SetShippingAddress(address("Bath"))])),
        PlaceOrder => (story, PLACE),
        ConfirmOrder => (story, Command::Confirm),
        HoldOrder => (story, Command::Hold),
        ReleaseOrder if matches!(state, Placed | Confirmed) => (story.then(Command::Hold), Command::Release),
        ReleaseOrder => (story, Command::Release),
        CompleteOrder => (nothing_to_ship(state), Command::Complete { payment_override: true }),
        CancelOrder => (nothing_to_ship(state), Command::Cancel { cancel_pending_shipments: false }),
        CancelOrderLines => return cancellations_of_lines(state),
        CreateShipment => (story, Command::CreateShipment(vec![units(1, 1)])),
        ShipShipment => (with_a_pending_shipment(story), Command::Ship(1)),
        CancelShipment => (with_a_pending_shipment(story), Command::CancelShipment(1)),
        DeliverShipment => (with_a_shipped_shipment(story), Command::Deliver(1)),
        FailShipment => (with_a_shipped_shipment(story), Command::Fail(1)),
        RecordPaymentTransaction => (story, Command::Record(capture(1, "c-2"))),
        AddOrderNote => (story, Command::Note),
        DeleteOrder => (story, Command::Delete),
    }]
}

fn nothing_to_ship(state: OrderState) -> Story {
    let story = Story::draft(vec![digital(5, 2)]);
    let commands = match state {
        Draft => vec![],
        Placed => vec![PLACE],
        Confirmed => vec![PLACE, Command::Confirm],
        Completed => vec![PLACE, Command::Confirm, Command::Complete { payment_override: true }],
        Cancelled => vec![Command::Cancel { cancel_pending_shipments: false }],
    };
    story.then_all(commands)
}

fn cancellations_of_lines(state: OrderState) -> Vec<(Story, Command)> {
    let some = (in_state(state), Command::CancelLines(vec![units(2, 1)]));
    let all = (in_state(state), Command::CancelLines(vec![units(1, 3), units(2, 2)]));
    let what_is_open = || {
        let paid = Story::confirmed(vec![line(10, 3)]).then(Command::Record(capture(30, "c-1")));
        let shipped = paid.then(Command::CreateShipment(vec![units(1, 2)])).then(Command::Ship(1));
        (shipped, Command::CancelLines(vec![units(1, 1)]))
    };
    match state {
        Draft | Placed => vec![some, all],
        Confirmed => vec![some, all, what_is_open()],
        Completed | Cancelled => vec![some],
    }
}

fn with_a_pending_shipment(story: Story) -> Story {
    match story.order().state {
        Confirmed => story.then(Command::CreateShipment(vec![units(1, 2)])),
        _ => story,
    }
}

fn with_a_shipped_shipment(story: Story) -> Story {
    match story.order().state {
        Confirmed => with_a_pending_shipment(story).then(Command::Ship(1)),
        _ => story,
    }
}

/// What is wrong besides the state, since no order in that state can be otherwise.
fn brought_along(command: CommandKind, state: OrderState) -> Option<Violation> {
    let exceeds_open =
        |line, requested| Violation::QuantityExceedsOpen { line: LineId(line), requested, open: 0 };
    let shipment = ShipmentId(1);
    match (command, state) {
        (PlaceOrder, Cancelled) => Some(Violation::OrderEmpty),
        (ReleaseOrder, _) => Some(Violation::OrderNotOnHold),
        (CancelOrderLines, Cancelled) => Some(exceeds_open(2, 1)),
        (CreateShipment, Completed | Cancelled) => Some(exceeds_open(1, 1)),
        (ShipShipment | CancelShipment, Completed) => {
            let (state, allowed) = (ShipmentState::Shipped, ShipmentState::Pending);
            Some(Violation::InvalidShipmentState { shipment, state, allowed })
        }
        (ShipShipment | CancelShipment | DeliverShipment | FailShipment, _) => {
            Some(Violation::ShipmentNotFound(shipment))
        }
        _ => None,
    }
}
