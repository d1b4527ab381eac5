//! The lifecycle as it was agreed, written down a second time: a change of the code's table has to be made here too.

use shared_domain::{CommandKind, OrderState, TRANSITIONS};

/// By command and state before: the states afterwards; `same` is the state before, `-` a refusal.
const AGREED: &str = "
    command                  | DRAFT     | PLACED          | CONFIRMED                  | COMPLETED | CANCELLED
    UpdateOrder              | same      | same            | same                       | same      | same
    AmendOrder               | same      | same            | same                       | -         | -
    PlaceOrder               | PLACED    | -               | -                          | -         | -
    ConfirmOrder             | -         | CONFIRMED       | -                          | -         | -
    HoldOrder                | -         | same            | same                       | -         | -
    ReleaseOrder             | -         | same            | same                       | -         | -
    CompleteOrder            | -         | -               | COMPLETED                  | -         | -
    CancelOrder              | CANCELLED | CANCELLED       | CANCELLED                  | -         | -
    CancelOrderLines         | same      | same, CANCELLED | same, CANCELLED, COMPLETED | -         | -
    CreateShipment           | -         | -               | same                       | -         | -
    ShipShipment             | -         | -               | same                       | -         | -
    CancelShipment           | -         | -               | same                       | -         | -
    DeliverShipment          | -         | -               | same                       | same      | -
    FailShipment             | -         | -               | same                       | CONFIRMED | -
    RecordPaymentTransaction | same      | same            | same                       | same      | same
    AddOrderNote             | same      | same            | same                       | same      | same
    DeleteOrder              | same      | -               | -                          | -         | -
";

/// The states that a command may lead to from a state; none if it is refused there.
pub(crate) fn agreed(command: CommandKind, before: OrderState) -> Vec<OrderState> {
    let row = AGREED.lines().map(str::trim).find(|row| row.split_whitespace().next() == Some(command.name()));
    let cells: Vec<_> = row.expect("a row for every command").split('|').map(str::trim).collect();
    let column = columns().iter().position(|name| *name == before.name()).expect("a column for every state");
    let named = cells[column].split(',').map(str::trim).filter(|name| *name != "-");
    named.map(|name| if name == "same" { before } else { state(name) }).collect()
}

/// Every command and every state, as pairs.
pub(crate) fn cells() -> Vec<(CommandKind, OrderState)> {
    let commands = TRANSITIONS.iter().map(|(command, _)| *command);
    commands.flat_map(|command| OrderState::ALL.map(|state| (command, state))).collect()
}

fn columns() -> Vec<&'static str> {
    AGREED.trim().lines().next().expect("a head").split('|').map(str::trim).collect()
}

fn state(name: &str) -> OrderState {
    OrderState::ALL.into_iter().find(|state| state.name() == name).expect("a state")
}

mod tests {
    use std::collections::HashSet;

    use shared_domain::{allowed_states, next_states};

    use super::*;

    #[test]
    fn the_code_has_the_table_that_was_agreed() {
        assert_eq!(cells().len(), 17 * 5, "every command and every state");
        assert_eq!(AGREED.trim().lines().count(), 1 + 17, "a head and a row for every command");
        for (command, before) in cells() {
            let agreed: HashSet<_> = agreed(command, before).into_iter().collect();
            let coded: HashSet<_> = next_states(command, before).iter().copied().collect();
            assert_eq!(coded, agreed, "{} in {}", command.name(), before.name());
            assert_eq!(allowed_states(command).contains(&before), !agreed.is_empty());
        }
    }
}
