//! The states that filters name and rows number. Which state of the domain is which of the contract stands in
//! `shared_infrastructure::wire`.

use orders_proto::orders::v1;
use shared_domain::{FulfillmentState, OrderState, PaymentState};
use shared_infrastructure::wire::enums;

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
    ($($domain:ident = $module:ident, $prefix:literal;)*) => {$(
        impl WireState for $domain {
            fn from_number(number: i32) -> Option<Self> {
                enums::$module::from_number(number)
            }

            fn from_name(name: &str) -> Option<Self> {
                v1::$domain::from_str_name(&format!(concat!($prefix, "{}"), name))
                    .and_then(|wire| Self::from_number(wire.into()))
            }

            fn number(self) -> i32 {
                enums::$module::number(self)
            }

            fn names() -> Vec<&'static str> {
                let all = (1..).map_while(|number| v1::$domain::try_from(number).ok());
                all.map(|wire| wire.as_str_name().trim_start_matches($prefix)).collect()
            }
        }
    )*};
}

wire_states! {
    OrderState = order_state, "ORDER_STATE_";
    PaymentState = payment_state, "PAYMENT_STATE_";
    FulfillmentState = fulfillment_state, "FULFILLMENT_STATE_";
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
