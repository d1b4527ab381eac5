//! Refusals as a caller takes them apart.

use std::fmt::Debug;

use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// The status of a call that must have been refused.
pub(crate) fn refusal<T: Debug>(answer: Result<Response<T>, Status>) -> Status {
    let status = answer.expect_err("the call should be refused");
    assert_ne!(status.code(), Code::Internal, "{status:?}");
    assert_eq!(status.get_error_details().error_info().unwrap().domain, "orders");
    status
}

/// Status and reason of a call that must have been refused.
pub(crate) fn reason<T: Debug>(answer: Result<Response<T>, Status>) -> (Code, String) {
    let status = refusal(answer);
    (status.code(), status.get_error_details().error_info().unwrap().reason.clone())
}

/// The bad fields of a call that must have been refused, each with its reason.
pub(crate) fn fields<T: Debug>(answer: Result<Response<T>, Status>) -> Vec<(String, String)> {
    let status = refusal(answer);
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    assert!(violations.iter().all(|violation| !violation.description.is_empty()));
    violations.iter().map(|violation| (violation.field.clone(), violation.reason.clone())).collect()
}
