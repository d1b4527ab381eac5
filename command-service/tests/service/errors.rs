//! Every reason of the catalogue that a command can be refused with, and what its error carries.

mod arguments;
mod catalogue;
mod money;
mod outages;
mod requests;
mod shipping;
mod states;
mod things;
mod together;

use orders_proto::orders::v1::ErrorReason;
use tonic::Code;

use crate::support::Refusal;

/// One test per reason: the function brings the refusal about and looks at what is special about it.
macro_rules! reasons {
    ($($reason:ident $code:ident $module:ident::$test:ident,)*) => {
        /// The reasons that have a test here.
        const TESTED: &[ErrorReason] = &[$(ErrorReason::$reason),*];

        mod each {
            use orders_proto::orders::v1::ErrorReason;
            use tonic::Code;

            $(
                #[tokio::test]
                async fn $test() {
                    super::check(ErrorReason::$reason, Code::$code, &super::$module::$test().await);
                }
            )*
        }
    };
}

reasons! {
    InvalidField InvalidArgument arguments::invalid_field,
    CurrencyMismatch InvalidArgument money::currency_mismatch,
    MoneyPrecision InvalidArgument money::money_precision,
    MoneyOutOfRange InvalidArgument money::money_out_of_range,
    TooManyLines InvalidArgument arguments::too_many_lines,
    InvalidRequestId InvalidArgument requests::invalid_request_id,
    InvalidFieldMask InvalidArgument arguments::invalid_field_mask,
    RequestIdReused InvalidArgument requests::request_id_reused,

    OrderNotFound NotFound things::order_not_found,
    LineNotFound NotFound things::line_not_found,
    PaymentNotFound NotFound things::payment_not_found,
    ShipmentNotFound NotFound things::shipment_not_found,
    AdjustmentNotFound NotFound things::adjustment_not_found,

    OrderAlreadyExists AlreadyExists things::order_already_exists,
    ExternalReferenceTaken AlreadyExists things::external_reference_taken,

    VersionMismatch Aborted requests::version_mismatch,
    ConcurrentUpdate Aborted requests::concurrent_update,

    InvalidStateTransition FailedPrecondition states::invalid_state_transition,
    OrderEmpty FailedPrecondition states::order_empty,
    ContactRequired FailedPrecondition states::contact_required,
    AddressRequired FailedPrecondition states::address_required,
    AddressLocked FailedPrecondition states::address_locked,
    TotalMismatch FailedPrecondition money::total_mismatch,
    OrderOnHold FailedPrecondition states::order_on_hold,
    OrderNotOnHold FailedPrecondition states::order_not_on_hold,
    QuantityExceedsOpen FailedPrecondition shipping::quantity_exceeds_open,
    QuantityBelowCommitted FailedPrecondition shipping::quantity_below_committed,
    LineHasShipments FailedPrecondition shipping::line_has_shipments,
    OrderHasShippedItems FailedPrecondition shipping::order_has_shipped_items,
    OrderHasActiveShipments FailedPrecondition shipping::order_has_active_shipments,
    ItemsOpen FailedPrecondition states::items_open,
    PaymentOutstanding FailedPrecondition money::payment_outstanding,
    InvalidShipmentState FailedPrecondition shipping::invalid_shipment_state,
    TooManyShipments FailedPrecondition shipping::too_many_shipments,
    TooManyPayments FailedPrecondition money::too_many_payments,

    Overloaded ResourceExhausted outages::overloaded,
    DatabaseUnavailable Unavailable outages::database_unavailable,
    OutcomeUnknown Unavailable outages::outcome_unknown,
    Internal Internal outages::internal,
}

/// What the catalogue promises of every refusal with this reason.
fn check(reason: ErrorReason, code: Code, refusal: &Refusal) {
    let name = reason.as_str_name().strip_prefix("ERROR_REASON_").unwrap();
    assert_eq!((refusal.reason.as_str(), refusal.code), (name, code), "{refusal:?}");
    for key in catalogue::promised_metadata(reason) {
        assert!(!refusal.told(&key).is_empty(), "{key}: {refusal:?}");
    }
    match code {
        Code::InvalidArgument => {
            assert!(refusal.fields.iter().any(|(_, reason)| reason == name), "{refusal:?}");
        }
        Code::NotFound | Code::AlreadyExists => assert!(refusal.resource.is_some(), "{refusal:?}"),
        Code::FailedPrecondition => assert!(refusal.broken().contains(&name), "{refusal:?}"),
        _ => {}
    }
    let worth_a_retry = matches!(
        reason,
        ErrorReason::ConcurrentUpdate
            | ErrorReason::Overloaded
            | ErrorReason::DatabaseUnavailable
            | ErrorReason::OutcomeUnknown
    );
    assert_eq!(refusal.retry.is_some(), worth_a_retry, "{refusal:?}");
}
