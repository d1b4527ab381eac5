//! One refusal, built up detail by detail and turned into a status.

use std::{collections::HashMap, error::Error, time::Duration};

use orders_proto::orders::v1::ErrorReason;
use tonic::Status;
use tonic_types::{ErrorDetails, PreconditionViolation, ResourceInfo, StatusExt};
use uuid::Uuid;

use super::{FieldViolation, catalogue, clip};

/// The `domain` of every `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "orders";

/// A refused call: the reason, a message for people, and whatever details help the caller.
#[derive(Debug)]
#[must_use = "a failure is nothing until `into_status`"]
pub struct Failure {
    reason: ErrorReason,
    message: String,
    metadata: HashMap<String, String>,
    fields: Vec<FieldViolation>,
    preconditions: Vec<PreconditionViolation>,
    resource: Option<ResourceInfo>,
    retry_after: Option<Duration>,
}

impl Failure {
    /// A failure without further details.
    pub fn new(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            metadata: HashMap::new(),
            fields: Vec::new(),
            preconditions: Vec::new(),
            resource: None,
            retry_after: None,
        }
    }

    /// A defect of ours. Logs the error with its causes under a new incident id; the caller gets only that id.
    pub fn internal(error: &(dyn Error + 'static)) -> Self {
        Self::incident(&chain(error))
    }

    /// A defect of ours that is known by a text only, such as a panic's.
    pub(crate) fn incident(cause: &str) -> Self {
        let incident = Uuid::new_v4().to_string();
        tracing::error!(incident, cause, "internal error");
        Self::new(ErrorReason::Internal, "internal error").metadata("incident", incident)
    }

    /// Adds a pair to the metadata of `ErrorInfo`.
    pub fn metadata(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.metadata.insert(key.into(), clip::text(value.to_string()));
        self
    }

    /// Adds a bad field, for the failure's own reason, to `BadRequest`.
    pub fn field_violation(self, field: impl Into<String>, description: impl Into<String>) -> Self {
        let reason = self.reason;
        self.violation(FieldViolation::new(field, reason, description))
    }

    /// Adds a bad field to `BadRequest`.
    pub fn violation(mut self, violation: FieldViolation) -> Self {
        self.fields.push(violation);
        self
    }

    /// Adds what stands in the way to `PreconditionFailure`: its kind, what it is about, and how to get past it.
    pub fn precondition_violation(
        mut self,
        kind: impl Into<String>,
        subject: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        self.preconditions.push(PreconditionViolation::new(
            kind,
            clip::text(subject),
            clip::text(description),
        ));
        self
    }

    /// Names the thing that is missing or taken, in `ResourceInfo`.
    pub fn resource(
        mut self,
        kind: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        self.resource = Some(ResourceInfo::new(kind, clip::text(name), "", clip::text(description)));
        self
    }

    /// Says in `RetryInfo` how long to wait before the same call is worth another try.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The status that goes to the caller. Long texts are clipped and long lists cut, with a note in the message: what
    /// does not fit into a client's header limit would arrive as another error altogether.
    #[must_use]
    pub fn into_status(self) -> Status {
        let name = catalogue::name(self.reason);
        let mut details = ErrorDetails::with_error_info(name, DOMAIN, self.metadata);
        let mut message = clip::text(self.message);

        let (fields, omitted) =
            clip::list(self.fields.into_iter().map(wire_violation).collect(), |violation| {
                violation.field.len() + violation.description.len() + violation.reason.len() + 8
            });
        note_omitted(&mut message, fields.len(), omitted);
        if !fields.is_empty() {
            details.set_bad_request(fields);
        }
        let (preconditions, omitted) = clip::list(self.preconditions, |violation| {
            violation.r#type.len() + violation.subject.len() + violation.description.len() + 8
        });
        note_omitted(&mut message, preconditions.len(), omitted);
        if !preconditions.is_empty() {
            details.set_precondition_failure(preconditions);
        }
        if let Some(ResourceInfo { resource_type, resource_name, owner, description }) = self.resource {
            details.set_resource_info(resource_type, resource_name, owner, description);
        }
        if self.retry_after.is_some() {
            details.set_retry_info(self.retry_after);
        }
        Status::with_error_details(catalogue::code(self.reason), message, details)
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        failure.into_status()
    }
}

fn note_omitted(message: &mut String, kept: usize, omitted: usize) {
    if omitted > 0 {
        message.push_str(&format!(" (the first {kept} are listed)"));
    }
}

fn wire_violation(violation: FieldViolation) -> tonic_types::FieldViolation {
    let mut wire =
        tonic_types::FieldViolation::new(clip::text(violation.field), clip::text(violation.description));
    wire.reason = catalogue::name(violation.reason).to_owned();
    wire
}

/// An error and its causes in one line, outermost first.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn every_detail_reaches_the_wire() {
        let status = Failure::new(ErrorReason::OrderNotFound, "no such order")
            .metadata("order", 7)
            .precondition_violation("STATE", "orders/1", "place it first")
            .resource("orders.v1.Order", "orders/1", "not in this tenant")
            .retry_after(Duration::from_millis(250))
            .into_status();
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((status.code(), status.message()), (Code::NotFound, "no such order"));
        assert_eq!(
            (&*info.reason, &*info.domain, &*info.metadata["order"]),
            ("ORDER_NOT_FOUND", DOMAIN, "7")
        );
        assert_eq!(details.precondition_failure().unwrap().violations[0].subject, "orders/1");
        assert_eq!(details.resource_info().unwrap().resource_name, "orders/1");
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_millis(250)));
        assert!(details.bad_request().is_none());
    }

    #[test]
    fn an_internal_error_tells_the_caller_nothing_but_its_incident() {
        let status =
            Failure::internal(&std::io::Error::other("password authentication failed")).into_status();
        let details = status.get_error_details();
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
        assert_eq!(details.error_info().unwrap().metadata.keys().collect::<Vec<_>>(), ["incident"]);
        assert!(!String::from_utf8_lossy(status.details()).contains("password"));
    }
}
