//! Refusals that tonic makes before a handler sees the request: they are the caller's fault, and get the shape that every
//! other refusal has.

use http::Response;
use orders_proto::orders::v1::ErrorReason;
use tonic::{Code, Status, body::Body};

use crate::errors::Failure;

/// What is wrong is the request, not a field of it that could be named.
const WHOLE: &str = "request";

/// How tonic begins what it says of requests that it cannot read.
const UNREADABLE: [&str; 7] = [
    "failed to decode",
    "Error, decoded message length",
    "Error decompressing",
    "protocol error",
    "h2 protocol error",
    "Missing request message",
    "Unexpected EOF",
];

/// Turns a message that could not be decoded or is too large, which tonic answers with INTERNAL or OUT_OF_RANGE and
/// without details, into INVALID_ARGUMENT / INVALID_FIELD. Whatever has details came from a handler and stays; anything else of the
/// kind is a fault of ours.
pub(super) fn completed(answer: Response<Body>) -> Response<Body> {
    if !answer.headers().contains_key(Status::GRPC_STATUS)
        || answer.headers().contains_key(Status::GRPC_STATUS_DETAILS)
    {
        return answer;
    }
    match Status::from_header_map(answer.headers()) {
        Some(status) if matches!(status.code(), Code::Internal | Code::OutOfRange) => {
            let message = status.message();
            let failure = if UNREADABLE.iter().any(|beginning| message.starts_with(beginning)) {
                Failure::new(ErrorReason::InvalidField, message).field_violation(WHOLE, message)
            } else {
                Failure::incident(&format!("tonic failed: {message}"))
            };
            failure.into_status().into_http()
        }
        _ => answer,
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    fn through(status: Status) -> Status {
        Status::from_header_map(completed(status.into_http()).headers()).unwrap()
    }

    #[test]
    fn what_cannot_be_decoded_is_an_invalid_argument() {
        let status = through(Status::internal("failed to decode Protobuf message: invalid wire type"));
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.get_error_details().error_info().unwrap().reason, "INVALID_FIELD");
    }

    #[test]
    fn what_is_too_large_is_told_how_much_it_may_be() {
        let status = through(Status::out_of_range(
            "Error, decoded message length too large: found 70000 bytes, the limit is: 65536 bytes",
        ));
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        let [violation] = details.bad_request().unwrap().field_violations.as_slice() else { panic!() };
        assert_eq!((&*violation.field, &*violation.reason), ("request", "INVALID_FIELD"));
        assert!(violation.description.contains("65536"), "{violation:?}");
    }

    #[test]
    fn a_fault_of_ours_is_none_of_the_caller() {
        let status = through(Status::internal("Error encoding: out of memory"));
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("memory"), "{status:?}");
        assert_eq!(status.get_error_details().error_info().unwrap().reason, "INTERNAL");
    }

    #[test]
    fn the_refusals_of_handlers_stay() {
        let internal = Failure::new(ErrorReason::Internal, "internal error").into_status();
        assert_eq!(through(internal).code(), Code::Internal);
        assert_eq!(through(Status::unimplemented("")).code(), Code::Unimplemented);
    }
}
