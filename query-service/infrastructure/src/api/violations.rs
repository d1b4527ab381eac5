//! Gathers what is wrong with a request, so that all of it is refused at once.

use std::fmt::Display;

use shared_infrastructure::errors::{ErrorReason, FieldViolation, bad_request};
use tonic::Status;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Violations(Vec<FieldViolation>);

impl Violations {
    /// Notes that `field` is wrong.
    pub(super) fn add(&mut self, field: impl Into<String>, reason: ErrorReason, problem: impl Display) {
        self.0.push(FieldViolation::new(field, reason, problem.to_string()));
    }

    /// Notes the error, if it is one, as an invalid field.
    pub(super) fn field<T, E: Display>(
        &mut self,
        field: impl Into<String>,
        value: Result<T, E>,
    ) -> Option<T> {
        self.check(field, ErrorReason::InvalidField, value)
    }

    /// Notes the error, if it is one.
    pub(super) fn check<T, E: Display>(
        &mut self,
        field: impl Into<String>,
        reason: ErrorReason,
        value: Result<T, E>,
    ) -> Option<T> {
        value.map_err(|error| self.add(field, reason, error)).ok()
    }

    /// The refusal, or what was decoded. The latter is there whenever nothing was noted.
    pub(super) fn or<T>(self, decoded: Option<T>) -> Result<T, Status> {
        match decoded {
            Some(decoded) if self.0.is_empty() => Ok(decoded),
            _ => Err(bad_request(self.0)),
        }
    }
}
