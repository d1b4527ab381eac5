//! What is written down: details, notes, numbers, times and the events of a commit.

use shared_domain::{
    CommandKind, DetailsPatch, Event, Metadata, NoteText, NoteVisibility, Order, OrderNumber, OrderSnapshot,
    PurchaseOrderNumber, ShipmentId, ShipmentState, Tags, Violation,
};

use crate::{
    fixtures::{address, at, code, contact, discount, eur, line, order_id, order_of, reason, units},
    story::{CANCEL, COMPLETE, Command, PLACE, Story},
};

#[test]
fn details_change_where_something_is_said() {
    let tags = Tags::new(vec![code("vip")]).unwrap();
    let metadata = Metadata::new([(code("colour"), None)].into()).unwrap();
    let number = PurchaseOrderNumber::new("PO-1").unwrap();
    let all = DetailsPatch {
        contact: Some(Some(contact())),
        billing_address: Some(Some(address("York"))),
        tags: Some(tags.clone()),
        metadata: Some(metadata.clone()),
        purchase_order_number: Some(Some(number.clone())),
    };
    let story = Story::placed(vec![line(1, 1)]).then(Command::Update(all.clone()));
    let details = story.order().details.clone();
    assert_eq!(
        (details.contact.clone(), details.billing_address.clone()),
        (Some(contact()), Some(address("York")))
    );
    assert_eq!((&details.tags, &details.metadata), (&tags, &metadata));
    assert_eq!(details.purchase_order_number, Some(number));

    let same = story.then(Command::Update(all)).then(Command::Update(DetailsPatch::default()));
    assert_eq!(same.order().version, 5, "recorded all the same, so that a repeated request finds its answer");
    let cleared = DetailsPatch { purchase_order_number: Some(None), ..Default::default() };
    let cleared = same.then(Command::Update(cleared));
    assert_eq!(cleared.order().details.purchase_order_number, None);
    assert_eq!(cleared.order().details.billing_address, Some(address("York")), "the rest stays");
}

#[test]
fn a_note_stands_in_the_history_only() {
    let before = Story::draft(vec![line(1, 1)]);
    let after = before.clone().then(Command::Note);
    let text = NoteText::new("called").unwrap();
    assert_eq!(after.last_events(), [Event::NoteAdded { text, visibility: NoteVisibility::Internal }]);
    let mut expected = before.order().clone();
    (expected.version, expected.times.update) = (2, at(1));
    assert_eq!(after.order(), &expected);
}

#[test]
fn the_steps_of_a_life_are_timed() {
    let sold = Story::draft(vec![line(0, 1)]).then(PLACE).then(Command::Confirm);
    let sent = sold.clone().then(Command::CreateShipment(vec![units(1, 1)])).then(Command::Ship(1));
    let completed = sent.then(COMPLETE);
    let times = &completed.order().times;
    assert_eq!((times.create, times.place, times.confirm), (at(0), Some(at(1)), Some(at(2))));
    assert_eq!((times.complete, times.cancel, times.update), (Some(at(5)), None, at(5)));
    assert_eq!(sold.then(CANCEL).order().times.cancel, Some(at(3)));
}

#[test]
fn times_are_exact_to_the_microsecond() {
    let odd = at(0) + chrono::TimeDelta::nanoseconds(1_234_567);
    let even = at(0) + chrono::TimeDelta::microseconds(1_234);
    let mut order = Order::create(order_id(), order_of(vec![]), odd).unwrap();
    assert_eq!(order.snapshot().times.create, even);
    order = Order::restore(order.snapshot().clone()).unwrap();
    order.delete(odd).unwrap();
    assert_eq!(
        order.snapshot().times.update,
        even + chrono::TimeDelta::microseconds(1),
        "later than the one before"
    );
}

#[test]
fn a_number_is_given_at_placement() {
    let placed = Story::placed(vec![line(10, 3)]);
    assert_eq!(placed.order().number, Some(OrderNumber::from_sequence(7)));
    assert_eq!(placed.order().number.as_ref().unwrap().as_str(), "ORD-00000007");
    let [Event::Placed { number, total, allocations, reason: None }] = placed.last_events() else {
        panic!("{:?}", placed.last_events())
    };
    assert_eq!((Some(number), *total, allocations.len()), (placed.order().number.as_ref(), eur(30), 0));
}

#[test]
fn several_verbs_make_one_commit() {
    let mut order = Order::create(order_id(), order_of(vec![line(1, 1)]), at(0)).unwrap();
    order.place(OrderNumber::from_sequence(1), None, Some(reason("sold at the counter")), at(9)).unwrap();
    assert_eq!((order.snapshot().version, order.snapshot().times.place), (1, Some(at(0))));
    assert!(matches!(order.events(), [Event::Created(_), Event::Placed { .. }]));
    let folded = OrderSnapshot::fold([(at(0), order.events())]);
    assert_eq!(folded.as_ref(), Some(order.snapshot()));
    assert_eq!(OrderSnapshot::fold([(at(0), &order.events()[1..])]), None, "nothing comes from nothing");
}

#[test]
fn a_deleted_draft_is_to_be_removed() {
    let mut order = Order::create(order_id(), order_of(vec![]), at(0)).unwrap();
    assert!(!order.is_deleted());
    order = Order::restore(order.snapshot().clone()).unwrap();
    order.delete(at(1)).unwrap();
    assert!(order.is_deleted());
    assert_eq!((order.snapshot().version, order.events()), (2, &[Event::Deleted][..]));
}

#[test]
fn a_refusal_says_all_it_knows() {
    let refusal = Story::confirmed(vec![line(10, 3)]).refusal(COMPLETE);
    let told = shared_domain::Rejected(refusal).to_string();
    assert_eq!(
        told,
        "refused: 3 units are still to be shipped and 0 shipments are pending; 0.30 EUR is still to be paid"
    );
    let command = CommandKind::PlaceOrder;
    let transition = Violation::InvalidStateTransition { command, state: shared_domain::OrderState::Placed };
    assert_eq!(transition.to_string(), "PlaceOrder is not allowed in the state PLACED");
    use ShipmentState::*;
    let (shipment, allowed) = (ShipmentId(1), Shipped);
    let told = [Pending, Shipped, Delivered, Failed, Cancelled]
        .map(|state| Violation::InvalidShipmentState { shipment, state, allowed }.to_string());
    let names = ["PENDING", "SHIPPED", "DELIVERED", "FAILED", "CANCELLED"];
    assert_eq!(told, names.map(|name| format!("shipment 1 is {name}, not SHIPPED")));
}

#[test]
fn adjustments_are_recorded_as_given() {
    let change = shared_domain::OrderChange::AddAdjustment(discount(2));
    let story = Story::draft(vec![line(10, 1)]).then(Command::Amend(vec![change]));
    let [Event::AdjustmentAdded(added)] = story.last_events() else { panic!("{:?}", story.last_events()) };
    assert_eq!((added.id.0, added.amount, added.source_code.as_str()), (1, eur(2), "SPRING"));
}
