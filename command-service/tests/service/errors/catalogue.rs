//! The catalogue itself: nothing in it is left without a test.

use orders_proto::{FILE_DESCRIPTOR_SET, orders::v1::ErrorReason};
use prost::Message;
use prost_types::FileDescriptorSet;

use super::TESTED;

/// Reasons that no command of this service is refused with, and where they are tested.
const ELSEWHERE: &[(ErrorReason, &str)] = &[
    (ErrorReason::InvalidFilter, "query-service"),
    (ErrorReason::InvalidOrderBy, "query-service"),
    (ErrorReason::InvalidPageToken, "query-service"),
    (ErrorReason::PageTokenMismatch, "query-service"),
    (ErrorReason::VersionNotFound, "query-service"),
    (ErrorReason::InvalidConsistencyToken, "query-service"),
    (ErrorReason::InvalidResumeToken, "query-service, with the watches"),
    (ErrorReason::ResumeTokenExpired, "query-service, with the watches"),
    (ErrorReason::WatchLimit, "query-service, with the watches"),
    (ErrorReason::ShuttingDown, "query-service, with the watches"),
    (ErrorReason::ReadLag, "query-service, with the standbys"),
    (ErrorReason::DeadlineExceeded, "shared-infrastructure, with the chassis"),
    (ErrorReason::RateLimited, "shared-infrastructure, with the chassis"),
    (ErrorReason::IssuerUnavailable, "shared-infrastructure, with the authentication"),
    (ErrorReason::TokenMissing, "shared-infrastructure, with the authentication"),
    (ErrorReason::TokenInvalid, "shared-infrastructure, with the authentication"),
    (ErrorReason::TokenExpired, "shared-infrastructure, with the authentication"),
    (ErrorReason::TenantMismatch, "shared-infrastructure, with the authentication"),
    (ErrorReason::PermissionDenied, "the authorisation of this suite, and shared-infrastructure"),
];

/// The numbers that the catalogue can have: it is sparse.
const NUMBERS: std::ops::Range<i32> = 1..1_000;

#[test]
fn every_reason_is_tested_somewhere() {
    let reasons: Vec<_> = NUMBERS.filter_map(|number| ErrorReason::try_from(number).ok()).collect();
    assert!(reasons.len() > 40, "only {} reasons were found", reasons.len());
    for reason in reasons {
        let here = TESTED.contains(&reason);
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| *other == reason);
        assert!(here || elsewhere, "{reason:?} has no test: give it one, or say where it is tested");
        assert!(!(here && elsewhere), "{reason:?} is tested here");
    }
}

/// The keys of the metadata that the comment of a reason names: those after the word `metadata`.
pub(super) fn promised_metadata(reason: ErrorReason) -> Vec<String> {
    let comment = comment(reason);
    let Some((_, promise)) = comment.split_once("metadata ") else { return vec![] };
    let promise = promise.split_once('.').map_or(promise, |(sentence, _)| sentence);
    promise.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn comment(reason: ErrorReason) -> String {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let file = set.file.into_iter().find(|file| file.name() == "orders/v1/error_reason.proto").unwrap();
    let index =
        file.enum_type[0].value.iter().position(|value| value.name() == reason.as_str_name()).unwrap();
    // Enum 0, value `index`, as descriptor.proto numbers the fields.
    let path = [5, 0, 2, i32::try_from(index).unwrap()];
    let locations = file.source_code_info.unwrap().location;
    let comment = locations.iter().find(|location| location.path == path).unwrap().leading_comments();
    comment.replace("\n ", " ")
}

#[test]
fn promises_are_read_from_the_comments() {
    assert_eq!(promised_metadata(ErrorReason::VersionMismatch), ["expected_version", "current_version"]);
    assert_eq!(
        promised_metadata(ErrorReason::InvalidStateTransition),
        ["command", "state", "allowed_states"]
    );
    assert_eq!(promised_metadata(ErrorReason::PaymentOutstanding), ["balance"]);
    assert_eq!(promised_metadata(ErrorReason::OrderEmpty), [""; 0]);
}
