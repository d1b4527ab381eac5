//! The states of the domain as the contract names and numbers them; the database has the same numbers.

use orders_proto::orders::v1;
use shared_domain::{FulfillmentState, OrderState, PaymentState};

/// A state that the contract has an enum for.
pub(crate) trait WireState: Sized + Copy {
    /// The state with this number in the contract.
    fn from_number(number: i32) -> Option<Self>;

    /// The state with this name in the contract, its prefix left out: `PLACED`.
    fn from_name(name: &str) -> Option<Self>;

    /// The number in the contract.
    fn number(self) -> i32;

    /// All names in the contract, prefixes left out, in the order of their numbers.
    fn names() -> Vec<&'static str>;
}

macro_rules! wire_states {
    ($($domain:ident = $prefix:literal: $($state:ident),*;)*) => {$(
        impl WireState for $domain {
            fn from_number(number: i32) -> Option<Self> {
                v1::$domain::try_from(number).ok().and_then(|wire| match wire {
                    v1::$domain::Unspecified => None,
                    $(v1::$domain::$state => Some(Self::$state),)*
                })
            }

            fn from_name(name: &str) -> Option<Self> {
                v1::$domain::from_str_name(&format!(concat!($prefix, "{}"), name))
                    .and_then(|wire| Self::from_number(wire.into()))
            }

            fn number(self) -> i32 {
                match self {
                    $(Self::$state => v1::$domain::$state.into(),)*
                }
            }

            fn names() -> Vec<&'static str> {
                [$(v1::$domain::$state),*]
                    .iter()
                    .map(|wire| wire.as_str_name().trim_start_matches($prefix))
                    .collect()
            }
        }
    )*};
}

wire_states! {
    OrderState = "ORDER_STATE_": Draft, Placed, Confirmed, Completed, Cancelled;
    PaymentState = "PAYMENT_STATE_": NotRequired, Unpaid, PartiallyAuthorized, Authorized, PartiallyPaid, Paid, Overpaid,
        PartiallyRefunded, Refunded;
    FulfillmentState = "FULFILLMENT_STATE_": NotRequired, Unfulfilled, PartiallyShipped, Shipped, PartiallyDelivered,
        Delivered;
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    fn names_and_numbers_agree<S: WireState + Debug + PartialEq>() {
        for (index, name) in S::names().into_iter().enumerate() {
            let state = S::from_name(name).unwrap();
            assert_eq!(state.number(), i32::try_from(index).unwrap() + 1, "{name}");
            assert_eq!(S::from_number(state.number()), Some(state));
        }
        for name in ["UNSPECIFIED", "", "placed", "ORDER_STATE_PLACED"] {
            assert_eq!(S::from_name(name), None, "{name}");
        }
        for number in [0, -1, 99] {
            assert_eq!(S::from_number(number), None, "{number}");
        }
    }

    #[test]
    fn every_state_has_a_name_and_a_number() {
        names_and_numbers_agree::<OrderState>();
        names_and_numbers_agree::<PaymentState>();
        names_and_numbers_agree::<FulfillmentState>();
    }
}
