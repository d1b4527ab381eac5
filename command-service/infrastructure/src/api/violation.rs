//! Broken rules on the wire: their reason, what they are about, and what helps to understand them.

use shared_domain::{Violation, allowed_states};
use shared_infrastructure::errors::ErrorReason;

/// The reason of the catalogue.
pub(crate) fn reason(violation: &Violation) -> ErrorReason {
    match violation {
        Violation::CurrencyMismatch { .. } => ErrorReason::CurrencyMismatch,
        Violation::MoneyOutOfRange { .. } => ErrorReason::MoneyOutOfRange,
        Violation::TooManyLines { .. } => ErrorReason::TooManyLines,
        Violation::TooManyShipments => ErrorReason::TooManyShipments,
        Violation::TooManyPayments => ErrorReason::TooManyPayments,
        Violation::LineNotFound(_) => ErrorReason::LineNotFound,
        Violation::AdjustmentNotFound(_) => ErrorReason::AdjustmentNotFound,
        Violation::PaymentNotFound(_) => ErrorReason::PaymentNotFound,
        Violation::ShipmentNotFound(_) => ErrorReason::ShipmentNotFound,
        Violation::InvalidStateTransition { .. } => ErrorReason::InvalidStateTransition,
        Violation::OrderEmpty => ErrorReason::OrderEmpty,
        Violation::ContactRequired => ErrorReason::ContactRequired,
        Violation::AddressRequired => ErrorReason::AddressRequired,
        Violation::AddressLocked => ErrorReason::AddressLocked,
        Violation::TotalMismatch { .. } => ErrorReason::TotalMismatch,
        Violation::OrderOnHold { .. } => ErrorReason::OrderOnHold,
        Violation::OrderNotOnHold => ErrorReason::OrderNotOnHold,
        Violation::QuantityExceedsOpen { .. } => ErrorReason::QuantityExceedsOpen,
        Violation::QuantityBelowCommitted { .. } => ErrorReason::QuantityBelowCommitted,
        Violation::LineHasShipments(_) => ErrorReason::LineHasShipments,
        Violation::OrderHasShippedItems => ErrorReason::OrderHasShippedItems,
        Violation::OrderHasActiveShipments { .. } => ErrorReason::OrderHasActiveShipments,
        Violation::ItemsOpen { .. } => ErrorReason::ItemsOpen,
        Violation::PaymentOutstanding { .. } => ErrorReason::PaymentOutstanding,
        Violation::InvalidShipmentState { .. } => ErrorReason::InvalidShipmentState,
    }
}

/// What the violation is about: a part of the order, or the order.
pub(crate) fn subject(violation: &Violation) -> String {
    match violation {
        Violation::LineNotFound(line)
        | Violation::LineHasShipments(line)
        | Violation::QuantityExceedsOpen { line, .. }
        | Violation::QuantityBelowCommitted { line, .. } => format!("lines/{line}"),
        Violation::AdjustmentNotFound(adjustment) => format!("adjustments/{adjustment}"),
        Violation::PaymentNotFound(payment) => format!("payments/{payment}"),
        Violation::ShipmentNotFound(shipment) | Violation::InvalidShipmentState { shipment, .. } => {
            format!("shipments/{shipment}")
        }
        Violation::TooManyLines { what, .. } => what.replace(' ', "_"),
        Violation::CurrencyMismatch { .. } => "currency_code".to_owned(),
        _ => "order".to_owned(),
    }
}

/// The message of the contract that is missing, if it is that.
pub(crate) fn missing_kind(violation: &Violation) -> Option<&'static str> {
    match violation {
        Violation::LineNotFound(_) => Some("orders.v1.OrderLine"),
        Violation::AdjustmentNotFound(_) => Some("orders.v1.Adjustment"),
        Violation::PaymentNotFound(_) => Some("orders.v1.Payment"),
        Violation::ShipmentNotFound(_) => Some("orders.v1.Shipment"),
        _ => None,
    }
}

/// The metadata that the catalogue promises for the reason.
pub(crate) fn metadata(violation: &Violation) -> Vec<(&'static str, String)> {
    match violation {
        Violation::InvalidStateTransition { command, state } => {
            let allowed: Vec<_> = allowed_states(*command).into_iter().map(|state| state.name()).collect();
            vec![
                ("command", command.name().to_owned()),
                ("state", state.name().to_owned()),
                ("allowed_states", allowed.join(",")),
            ]
        }
        Violation::TotalMismatch { expected, actual } => {
            vec![("expected", expected.to_string()), ("actual", actual.to_string())]
        }
        Violation::OrderOnHold { reason } => vec![("hold_reason", reason.clone())],
        Violation::QuantityExceedsOpen { requested, open, .. } => {
            vec![("requested", requested.to_string()), ("open", open.to_string())]
        }
        Violation::QuantityBelowCommitted { requested, committed, .. } => {
            vec![("requested", requested.to_string()), ("committed", committed.to_string())]
        }
        Violation::PaymentOutstanding { balance } => vec![("balance", balance.to_string())],
        Violation::InvalidShipmentState { state, allowed, .. } => {
            vec![("state", state.name().to_owned()), ("allowed_states", allowed.name().to_owned())]
        }
        _ => vec![],
    }
}
