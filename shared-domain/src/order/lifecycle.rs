//! The lifecycle: which command is allowed in which state, and where it leads. This table is the only place that says so.

use OrderState::{Cancelled, Completed, Confirmed, Draft, Placed};

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderState {
    /// Being put together.
    Draft,
    /// The buyer has committed to it.
    Placed,
    /// The seller has accepted it.
    Confirmed,
    /// Nothing is left to do.
    Completed,
    /// Nothing will be done.
    Cancelled,
}

impl OrderState {
    /// All states, in the order of the columns of [`TRANSITIONS`].
    pub const ALL: [Self; 5] = [Draft, Placed, Confirmed, Completed, Cancelled];

    /// The name in the contract, such as `PLACED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Draft => "DRAFT",
            Placed => "PLACED",
            Confirmed => "CONFIRMED",
            Completed => "COMPLETED",
            Cancelled => "CANCELLED",
        }
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident: $draft:expr, $placed:expr, $confirmed:expr, $completed:expr, $cancelled:expr;)*) => {
        /// The commands that an existing order takes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CommandKind {$(
            $(#[$doc])*
            $name,
        )*}

        impl CommandKind {
            /// The name in the contract, such as `PlaceOrder`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }

        /// For every command, by state before (in the order of [`OrderState::ALL`]), the states it may lead to; none where
        /// it is refused.
        pub const TRANSITIONS: &[(CommandKind, [&[OrderState]; 5])] = &[
            $((CommandKind::$name, [&$draft, &$placed, &$confirmed, &$completed, &$cancelled]),)*
        ];
    };
}

const NO: [OrderState; 0] = [];

#[rustfmt::skip]
commands! {
    /// Changes contact, billing address, tags, metadata, purchase order number.
    UpdateOrder:              [Draft],     [Placed],            [Confirmed],                       [Completed], [Cancelled];
    /// Changes lines, adjustments, shipping lines, shipping address.
    AmendOrder:               [Draft],     [Placed],            [Confirmed],                       NO,          NO;
    /// The buyer commits.
    PlaceOrder:               [Placed],    NO,                  NO,                                NO,          NO;
    /// The seller accepts.
    ConfirmOrder:             NO,          [Confirmed],         NO,                                NO,          NO;
    /// Puts the order on hold.
    HoldOrder:                NO,          [Placed],            [Confirmed],                       NO,          NO;
    /// Releases the order from hold.
    ReleaseOrder:             NO,          [Placed],            [Confirmed],                       NO,          NO;
    /// Ends the order well.
    CompleteOrder:            NO,          NO,                  [Completed],                       NO,          NO;
    /// Ends the order as a whole.
    CancelOrder:              [Cancelled], [Cancelled],         [Cancelled],                       NO,          NO;
    /// Cancels open units.
    CancelOrderLines:         [Draft],     [Placed, Cancelled], [Confirmed, Completed, Cancelled], NO,          NO;
    /// Puts open units into a shipment.
    CreateShipment:           NO,          NO,                  [Confirmed],                       NO,          NO;
    /// The shipment left.
    ShipShipment:             NO,          NO,                  [Confirmed],                       NO,          NO;
    /// The shipment is not sent.
    CancelShipment:           NO,          NO,                  [Confirmed],                       NO,          NO;
    /// The shipment arrived.
    DeliverShipment:          NO,          NO,                  [Confirmed],                       [Completed], NO;
    /// The shipment will not arrive.
    FailShipment:             NO,          NO,                  [Confirmed],                       [Confirmed], NO;
    /// Records what happened to money.
    RecordPaymentTransaction: [Draft],     [Placed],            [Confirmed],                       [Completed], [Cancelled];
    /// Writes a note.
    AddOrderNote:             [Draft],     [Placed],            [Confirmed],                       [Completed], [Cancelled];
    /// Removes a draft.
    DeleteOrder:              [Draft],     NO,                  NO,                                NO,          NO;
}

/// The states that a command may lead to from a state; none if it is refused there.
#[must_use]
pub fn next_states(command: CommandKind, state: OrderState) -> &'static [OrderState] {
    TRANSITIONS[command as usize].1[state as usize]
}

/// The states in which a command is allowed.
#[must_use]
pub fn allowed_states(command: CommandKind) -> Vec<OrderState> {
    OrderState::ALL.into_iter().filter(|state| !next_states(command, *state).is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_stand_where_they_are_looked_up() {
        for (row, (command, _)) in TRANSITIONS.iter().enumerate() {
            assert_eq!(*command as usize, row);
        }
        for (column, state) in OrderState::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, column);
        }
    }
}
