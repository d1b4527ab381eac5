//! Why a command was not carried out, as a status of the wire: the one match from errors to the catalogue.

use std::time::Duration;

use command_application::{CommandError, RepositoryError};
use shared_domain::{Rejected, Violation};
use shared_infrastructure::{
    errors::{ErrorReason, Failure, FieldViolation, code, name},
    telemetry::{Repeated, chain},
    wire::order_name,
};
use tonic::{Code, Status};

use super::violation::{metadata, missing_kind, reason, subject};

/// When to come back if the database cannot be reached.
const DATABASE_RETRY: Duration = Duration::from_secs(1);
/// When to come back if others were faster, or there are too many.
const CONTENTION_RETRY: Duration = Duration::from_millis(50);

/// An outage hits all calls at once.
static OUTAGE: Repeated = Repeated::new();
static UNKNOWN: Repeated = Repeated::new();

pub(crate) fn status(error: CommandError) -> Status {
    let failure = match error {
        CommandError::Rejected(rejected) => self::rejected(rejected),
        CommandError::MembersRejected(members) => self::members_rejected(members),
        CommandError::OrderNotFound(id) => {
            let order = order_name(id);
            let failure = Failure::new(ErrorReason::OrderNotFound, format!("{order} does not exist"));
            failure.resource("orders.v1.Order", order, "the tenant has no such order")
        }
        CommandError::VersionMismatch { expected, current } => {
            let message =
                format!("the order is at version {current}, not {expected}: read it again and decide anew");
            let failure = Failure::new(ErrorReason::VersionMismatch, message);
            failure.metadata("expected_version", expected).metadata("current_version", current)
        }
        CommandError::ConcurrentUpdate | CommandError::Repository(RepositoryError::Conflict) => {
            let message = "others kept changing the order: send the command again";
            Failure::new(ErrorReason::ConcurrentUpdate, message).retry_after(CONTENTION_RETRY)
        }
        CommandError::RequestIdReused => {
            let message = "the request id was used before with another payload: use a new one";
            Failure::new(ErrorReason::RequestIdReused, message).field_violation("request_id", message)
        }
        CommandError::Repository(error) => repository(error),
        error @ CommandError::Answered(_) => Failure::internal(&error),
    };
    failure.into_status()
}

fn repository(error: RepositoryError) -> Failure {
    match error {
        RepositoryError::OrderExists(id) => {
            let order = order_name(id);
            let failure =
                Failure::new(ErrorReason::OrderAlreadyExists, format!("{order} exists already, or did"));
            failure.resource("orders.v1.Order", order, "choose another order_id, or none")
        }
        RepositoryError::ExternalReferenceTaken => {
            let message = "another order has this external reference";
            let failure = Failure::new(ErrorReason::ExternalReferenceTaken, message);
            failure.resource("orders.v1.ExternalReference", "external_reference", message)
        }
        RepositoryError::Overloaded => {
            let failure = Failure::new(ErrorReason::Overloaded, "too many commands are waiting");
            failure.retry_after(CONTENTION_RETRY)
        }
        RepositoryError::TooLate => {
            let message = "the deadline passed before the command could begin; nothing was changed";
            Failure::new(ErrorReason::DeadlineExceeded, message)
        }
        RepositoryError::Unavailable(source) => {
            if let Some(calls) = OUTAGE.happened() {
                tracing::warn!(error = chain(&*source), calls, "the database cannot be reached");
            }
            let message = "the database cannot be reached; nothing was changed";
            Failure::new(ErrorReason::DatabaseUnavailable, message).retry_after(DATABASE_RETRY)
        }
        RepositoryError::OutcomeUnknown(source) => {
            if let Some(calls) = UNKNOWN.happened() {
                tracing::warn!(error = chain(&*source), calls, "the outcome of a commit is unknown");
            }
            let message =
                "the command may have taken effect: retry with the same request_id to learn the outcome";
            Failure::new(ErrorReason::OutcomeUnknown, message).retry_after(DATABASE_RETRY)
        }
        error => Failure::internal(&error),
    }
}

/// All violations are told. The status and the reason are those of the gravest: bad arguments before missing things before
/// preconditions. What is missing is told among the preconditions too, for there is room for one resource only.
fn rejected(rejected: Rejected) -> Failure {
    refused(rejected.0.into_iter().map(|violation| (subject(&violation), violation)).collect())
}

/// The same for a batch; what a violation is about is told from the batch's root.
fn members_rejected(members: Vec<(usize, Rejected)>) -> Failure {
    let from_root = |index, violation| (format!("requests[{index}].{}", subject(&violation)), violation);
    let violations = members.into_iter().flat_map(|(index, rejected)| {
        rejected.0.into_iter().map(move |violation| from_root(index, violation))
    });
    refused(violations.collect())
}

fn refused(mut violations: Vec<(String, Violation)>) -> Failure {
    let grave = |violation: &Violation| match code(reason(violation)) {
        Code::InvalidArgument => 0,
        Code::NotFound => 1,
        _ => 2,
    };
    violations.sort_by_key(|(_, violation)| grave(violation));
    let first = violations.first().map(|(_, violation)| violation);
    let message: Vec<_> = violations.iter().map(|(_, violation)| violation.to_string()).collect();
    let mut failure = Failure::new(first.map_or(ErrorReason::Internal, reason), message.join("; "));
    for (key, value) in first.map(metadata).unwrap_or_default() {
        failure = failure.metadata(key, value);
    }
    let missing =
        violations.iter().find_map(|(subject, missing)| Some((subject, missing, missing_kind(missing)?)));
    if let Some((subject, missing, kind)) = missing {
        failure = failure.resource(kind, subject, missing.to_string());
    }
    violations.into_iter().fold(failure, |failure, (subject, violation)| {
        let (reason, text) = (reason(&violation), violation.to_string());
        match code(reason) {
            Code::InvalidArgument => failure.violation(FieldViolation::new(subject, reason, text)),
            _ => failure.precondition_violation(name(reason), subject, text),
        }
    })
}
