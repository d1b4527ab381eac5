//! Enums of the domain and their counterparts in the contract, both ways: the one place where they are paired. Storage keeps
//! the numbers of the contract.

use orders_proto::orders::v1 as p;
use shared_domain as d;

macro_rules! pairs {
    ($($(#[$doc:meta])* $module:ident: $domain:path, $proto:path { $($domain_variant:ident = $proto_variant:ident),* $(,)? })*) => {
        $(
            $(#[$doc])*
            pub mod $module {
                /// The number in the contract.
                #[must_use]
                pub fn number(value: $domain) -> i32 {
                    use $domain as D;
                    use $proto as P;
                    match value { $(D::$domain_variant => P::$proto_variant as i32,)* }
                }

                /// The value of a number; `None` for 0 (unspecified) and for numbers that the contract does not have.
                #[must_use]
                pub fn from_number(number: i32) -> Option<$domain> {
                    use $domain as D;
                    use $proto as P;
                    match P::try_from(number).ok()? {
                        P::Unspecified => None,
                        $(P::$proto_variant => Some(D::$domain_variant),)*
                    }
                }
            }
        )*

        #[cfg(test)]
        mod tests {
            #[test]
            fn every_number_of_the_contract_means_one_value() {
                $(
                    let numbers = [$(<$proto>::$proto_variant as i32),*];
                    assert_eq!(super::$module::from_number(0), None);
                    assert_eq!(super::$module::from_number(99), None);
                    for number in numbers {
                        let value = super::$module::from_number(number).unwrap();
                        assert_eq!(super::$module::number(value), number, stringify!($module));
                    }
                )*
            }
        }
    };
}

pairs! {
    /// Where an order is in its life.
    order_state: super::d::OrderState, super::p::OrderState {
        Draft = Draft, Placed = Placed, Confirmed = Confirmed, Completed = Completed, Cancelled = Cancelled,
    }
    /// How far an order is paid.
    payment_state: super::d::PaymentState, super::p::PaymentState {
        NotRequired = NotRequired, Unpaid = Unpaid, PartiallyAuthorized = PartiallyAuthorized, Authorized = Authorized,
        PartiallyPaid = PartiallyPaid, Paid = Paid, Overpaid = Overpaid, PartiallyRefunded = PartiallyRefunded,
        Refunded = Refunded,
    }
    /// How far an order is shipped.
    fulfillment_state: super::d::FulfillmentState, super::p::FulfillmentState {
        NotRequired = NotRequired, Unfulfilled = Unfulfilled, PartiallyShipped = PartiallyShipped, Shipped = Shipped,
        PartiallyDelivered = PartiallyDelivered, Delivered = Delivered,
    }
    /// The kinds of caller.
    actor_kind: super::d::ActorKind, super::p::ActorKind {
        User = User, Service = Service, System = System, Provider = Provider,
    }
    /// The kinds of adjustment.
    adjustment_kind: super::d::AdjustmentKind, super::p::AdjustmentKind { Discount = Discount, Surcharge = Surcharge }
    /// The kinds of payment transaction.
    transaction_kind: super::d::TransactionKind, super::p::PaymentTransactionKind {
        Authorization = Authorization, Capture = Capture, Void = Void, Refund = Refund, Chargeback = Chargeback,
    }
    /// What became of a payment transaction.
    transaction_state: super::d::TransactionState, super::p::PaymentTransactionState {
        Pending = Pending, Succeeded = Succeeded, Failed = Failed, Unknown = Unknown,
    }
    /// How far a shipment is.
    shipment_state: super::d::ShipmentState, super::p::ShipmentState {
        Pending = Pending, Shipped = Shipped, Delivered = Delivered, Failed = Failed, Cancelled = Cancelled,
    }
    /// Why a shipment failed.
    shipment_failure: super::d::ShipmentFailure, super::p::ShipmentFailureReason {
        Lost = Lost, Undeliverable = Undeliverable,
    }
    /// Why an order was cancelled.
    cancel_reason: super::d::CancelReason, super::p::CancelReason {
        CustomerRequest = CustomerRequest, OutOfStock = OutOfStock, PaymentFailed = PaymentFailed, Fraud = Fraud,
        Expired = Expired, Duplicate = Duplicate, Other = Other,
    }
    /// Who may see a note.
    note_visibility: super::d::NoteVisibility, super::p::NoteVisibility { Internal = Internal, Customer = Customer }
}
