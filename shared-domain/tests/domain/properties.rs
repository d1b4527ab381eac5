//! Random lives of orders: sensible and senseless commands in any sequence, by a clock that may run backwards. What has to
//! hold after each of them is said in [`crate::laws`].

mod steps;

use std::collections::HashSet;

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngSeed, TestRunner},
};
use shared_domain::{
    CommandKind, Event, FulfillmentState, NewOrder, Order, OrderState, PaymentState, TRANSITIONS,
};

use self::steps::{Step, new_orders, start, steps};
use crate::{
    fixtures::{at, order_id},
    story::Story,
    table::{agreed, cells},
};

proptest! {
    /// Hundreds of lives; `PROPTEST_CASES` gives more.
    #[test]
    fn the_laws_hold_all_through_an_orders_life(new in new_orders(), start in start(), steps in steps()) {
        live(new, start, steps, |_, _, _, _| {});
    }
}

/// Lives through the steps. For each it tells the order's state before it, whether it was accepted, and the story after it.
fn live(
    new: NewOrder,
    start: Vec<Step>,
    steps: Vec<Step>,
    mut told: impl FnMut(OrderState, &Step, bool, &Story),
) {
    if let Err(refused) = Order::create(order_id(), new.clone(), at(0)) {
        assert!(!refused.0.is_empty(), "a refusal says why");
        return;
    }
    let mut story = Story::create(new);
    for step in start.into_iter().chain(steps) {
        let before = story.order().state;
        let command = step.command(story.order());
        let accepted = story.run_after(step.seconds, command).is_ok();
        told(before, &step, accepted, &story);
        if story.last_events() == [Event::Deleted] {
            return;
        }
    }
}

/// The random lives are worth something only if they get everywhere.
#[test]
fn random_lives_reach_all_there_is() {
    let (mut cells_passed, mut refused) = (HashSet::new(), HashSet::new());
    let (mut payment_states, mut fulfillment_states) = (HashSet::new(), HashSet::new());
    let mut clock_ran_backwards = false;
    for (new, start, steps) in samples(700) {
        live(new, start, steps, |before, step, accepted, story| {
            let order = story.order();
            let kind = step.command(order).kind();
            if accepted {
                cells_passed.insert((kind, before, order.state));
            } else {
                refused.insert(kind);
            }
            clock_ran_backwards |= accepted && step.seconds < 0;
            payment_states.insert(format!("{:?}", order.payment_state()));
            fulfillment_states.insert(format!("{:?}", order.fulfillment_state()));
        });
    }
    for (command, before) in cells() {
        for after in agreed(command, before) {
            assert!(
                cells_passed.contains(&(command, before, after)),
                "{command:?} from {before:?} to {after:?}"
            );
        }
    }
    for (command, _) in TRANSITIONS {
        assert_eq!(refused.contains(command), *command != CommandKind::AddOrderNote, "{command:?} refused");
    }
    use PaymentState::*;
    for state in [NotRequired, Unpaid, PartiallyAuthorized, Authorized, PartiallyPaid, Paid, Overpaid] {
        assert!(payment_states.contains(&format!("{state:?}")), "{state:?}");
    }
    for state in [PartiallyRefunded, Refunded] {
        assert!(payment_states.contains(&format!("{state:?}")), "{state:?}");
    }
    use FulfillmentState as F;
    let all = [F::Unfulfilled, F::PartiallyShipped, F::Shipped, F::PartiallyDelivered, F::Delivered];
    for state in all.into_iter().chain([F::NotRequired]) {
        assert!(fulfillment_states.contains(&format!("{state:?}")), "{state:?}");
    }
    assert!(clock_ran_backwards);
}

/// The same lives each time.
fn samples(count: usize) -> impl Iterator<Item = (NewOrder, Vec<Step>, Vec<Step>)> {
    let config = ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let lives = (new_orders(), start(), steps());
    (0..count).map(move |_| lives.new_tree(&mut runner).expect("a life").current())
}
