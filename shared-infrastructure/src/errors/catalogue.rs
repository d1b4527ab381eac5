//! The gRPC status of every reason in the catalogue.

use orders_proto::orders::v1::ErrorReason;
use tonic::Code;

/// The reason as `ErrorInfo` carries it, such as `ORDER_NOT_FOUND`.
#[must_use]
pub fn name(reason: ErrorReason) -> &'static str {
    let full = reason.as_str_name();
    full.strip_prefix("ERROR_REASON_").unwrap_or(full)
}

/// The status that a reason comes with.
#[must_use]
pub const fn code(reason: ErrorReason) -> Code {
    use ErrorReason as R;
    match reason {
        R::Unspecified => Code::Unknown,
        R::InvalidField
        | R::CurrencyMismatch
        | R::MoneyPrecision
        | R::MoneyOutOfRange
        | R::TooManyLines
        | R::InvalidRequestId
        | R::InvalidFieldMask
        | R::InvalidFilter
        | R::InvalidOrderBy
        | R::InvalidPageToken
        | R::PageTokenMismatch
        | R::RequestIdReused
        | R::InvalidResumeToken
        | R::InvalidConsistencyToken => Code::InvalidArgument,
        R::OrderNotFound
        | R::LineNotFound
        | R::PaymentNotFound
        | R::ShipmentNotFound
        | R::AdjustmentNotFound
        | R::VersionNotFound => Code::NotFound,
        R::OrderAlreadyExists | R::ExternalReferenceTaken => Code::AlreadyExists,
        R::VersionMismatch | R::ConcurrentUpdate => Code::Aborted,
        R::InvalidStateTransition
        | R::OrderEmpty
        | R::ContactRequired
        | R::AddressRequired
        | R::AddressLocked
        | R::TotalMismatch
        | R::OrderOnHold
        | R::OrderNotOnHold
        | R::QuantityExceedsOpen
        | R::QuantityBelowCommitted
        | R::LineHasShipments
        | R::OrderHasShippedItems
        | R::OrderHasActiveShipments
        | R::ItemsOpen
        | R::PaymentOutstanding
        | R::InvalidShipmentState
        | R::TooManyShipments
        | R::TooManyPayments => Code::FailedPrecondition,
        R::ResumeTokenExpired => Code::OutOfRange,
        R::Overloaded | R::WatchLimit | R::RateLimited => Code::ResourceExhausted,
        R::DeadlineExceeded => Code::DeadlineExceeded,
        R::DatabaseUnavailable | R::OutcomeUnknown | R::ReadLag | R::ShuttingDown | R::IssuerUnavailable => {
            Code::Unavailable
        }
        R::Internal => Code::Internal,
        R::TokenMissing | R::TokenInvalid | R::TokenExpired => Code::Unauthenticated,
        R::PermissionDenied | R::TenantMismatch => Code::PermissionDenied,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use orders_proto::FILE_DESCRIPTOR_SET;
    use prost::Message;
    use prost_types::{FileDescriptorSet, source_code_info::Location};

    use super::*;

    /// Path of the values of the file's first enum, as descriptor.proto numbers its fields.
    const FIRST_ENUM_VALUES: [i32; 3] = [5, 0, 2];

    #[test]
    fn the_documentation_names_the_status_of_every_reason() {
        let documented = documented_statuses();
        assert!(documented.len() > 40, "only {} reasons were found", documented.len());
        for (number, (label, status)) in documented {
            let reason = ErrorReason::try_from(number).unwrap();
            assert_eq!(label, reason.as_str_name());
            assert_eq!(status, wire_name(code(reason)), "{label}");
            assert_eq!(name(reason), label.trim_start_matches("ERROR_REASON_"));
        }
    }

    fn documented_statuses() -> BTreeMap<i32, (String, String)> {
        let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let file = set.file.into_iter().find(|file| file.name() == "orders/v1/error_reason.proto").unwrap();
        let comments = file.source_code_info.unwrap().location;
        let values = file.enum_type[0].value.iter().enumerate();
        values
            .map(|(index, value)| {
                let comment = comment_of_value(&comments, i32::try_from(index).unwrap());
                let status = comment.trim().split('.').next().unwrap().to_owned();
                (value.number(), (value.name().to_owned(), status))
            })
            .collect()
    }

    fn comment_of_value(comments: &[Location], index: i32) -> &str {
        let path = [&FIRST_ENUM_VALUES[..], &[index]].concat();
        comments.iter().find(|location| location.path == path).unwrap().leading_comments()
    }

    /// `Code::NotFound` as it is written in documentation: `NOT_FOUND`.
    fn wire_name(code: Code) -> String {
        let mut name = String::new();
        for (at, letter) in format!("{code:?}").char_indices() {
            if at > 0 && letter.is_uppercase() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        }
        name
    }
}
