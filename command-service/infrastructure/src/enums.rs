//! Enums of the domain and their counterparts in the contract, both ways: the one place where they are paired. Storage keeps
//! the numbers of the contract.

use orders_proto::orders::v1 as proto;
use shared_domain as domain;

/// The way to the contract.
macro_rules! number {
    ($domain:path, $proto:path { $($domain_variant:ident = $proto_variant:ident),* $(,)? }) => {
        /// The number in the contract.
        pub(crate) fn number(value: $domain) -> i32 {
            use $domain as D;
            use $proto as P;
            match value { $(D::$domain_variant => P::$proto_variant as i32,)* }
        }
    };
}

/// Enums that are only ever written.
macro_rules! written {
    ($($module:ident: $domain:path, $proto:path { $($variants:tt)* })*) => {$(
        pub(crate) mod $module {
            number! { $domain, $proto { $($variants)* } }
        }
    )*};
}

/// Enums that are written and read.
macro_rules! pairs {
    ($($module:ident: $domain:path, $proto:path { $($domain_variant:ident = $proto_variant:ident),* $(,)? })*) => {$(
        pub(crate) mod $module {
            number! { $domain, $proto { $($domain_variant = $proto_variant),* } }

            /// The value of a number; `None` for 0 (unspecified) and for numbers that the contract does not have.
            pub(crate) fn from_number(number: i32) -> Option<$domain> {
                use $domain as D;
                use $proto as P;
                match P::try_from(number).ok()? {
                    $(P::$proto_variant => Some(D::$domain_variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

use {domain as d, proto as p};

written! {
    payment_state: super::d::PaymentState, super::p::PaymentState {
        NotRequired = NotRequired, Unpaid = Unpaid, PartiallyAuthorized = PartiallyAuthorized, Authorized = Authorized,
        PartiallyPaid = PartiallyPaid, Paid = Paid, Overpaid = Overpaid, PartiallyRefunded = PartiallyRefunded,
        Refunded = Refunded,
    }
    fulfillment_state: super::d::FulfillmentState, super::p::FulfillmentState {
        NotRequired = NotRequired, Unfulfilled = Unfulfilled, PartiallyShipped = PartiallyShipped, Shipped = Shipped,
        PartiallyDelivered = PartiallyDelivered, Delivered = Delivered,
    }
    actor_kind: super::d::ActorKind, super::p::ActorKind {
        User = User, Service = Service, System = System, Provider = Provider,
    }
}

pairs! {
    order_state: super::d::OrderState, super::p::OrderState {
        Draft = Draft, Placed = Placed, Confirmed = Confirmed, Completed = Completed, Cancelled = Cancelled,
    }
    adjustment_kind: super::d::AdjustmentKind, super::p::AdjustmentKind { Discount = Discount, Surcharge = Surcharge }
    transaction_kind: super::d::TransactionKind, super::p::PaymentTransactionKind {
        Authorization = Authorization, Capture = Capture, Void = Void, Refund = Refund, Chargeback = Chargeback,
    }
    transaction_state: super::d::TransactionState, super::p::PaymentTransactionState {
        Pending = Pending, Succeeded = Succeeded, Failed = Failed, Unknown = Unknown,
    }
    shipment_state: super::d::ShipmentState, super::p::ShipmentState {
        Pending = Pending, Shipped = Shipped, Delivered = Delivered, Failed = Failed, Cancelled = Cancelled,
    }
    shipment_failure: super::d::ShipmentFailure, super::p::ShipmentFailureReason {
        Lost = Lost, Undeliverable = Undeliverable,
    }
    cancel_reason: super::d::CancelReason, super::p::CancelReason {
        CustomerRequest = CustomerRequest, OutOfStock = OutOfStock, PaymentFailed = PaymentFailed, Fraud = Fraud,
        Expired = Expired, Duplicate = Duplicate, Other = Other,
    }
    note_visibility: super::d::NoteVisibility, super::p::NoteVisibility { Internal = Internal, Customer = Customer }
}
