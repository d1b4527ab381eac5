//! Bad fields, gathered while a request is decoded and refused all at once.

use orders_proto::orders::v1::ErrorReason;
use tonic::Status;

use super::Failure;

/// One field of a request that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path from the request's root, such as `order.lines[2].unit_price`.
    pub field: String,
    /// Why, as the catalogue says it.
    pub reason: ErrorReason,
    /// Why, in words that tell how to mend it.
    pub description: String,
}

impl FieldViolation {
    /// A violation of `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, reason: ErrorReason, description: impl Into<String>) -> Self {
        Self { field: field.into(), reason, description: description.into() }
    }
}

/// INVALID_ARGUMENT with every violation. The reason is the one that all have in common, else `INVALID_FIELD`.
#[must_use]
pub fn bad_request(violations: Vec<FieldViolation>) -> Status {
    let mut reasons = violations.iter().map(|violation| violation.reason);
    let first = reasons.next().unwrap_or(ErrorReason::InvalidField);
    let reason = if reasons.all(|other| other == first) { first } else { ErrorReason::InvalidField };

    let message = match violations.as_slice() {
        [only] => format!("{}: {}", only.field, only.description),
        many => format!("{} fields are invalid", many.len()),
    };
    violations.into_iter().fold(Failure::new(reason, message), Failure::violation).into_status()
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic_types::StatusExt;

    use super::*;

    fn violation(field: &str, reason: ErrorReason) -> FieldViolation {
        FieldViolation::new(field, reason, "must be better")
    }

    #[test]
    fn every_violation_is_listed_with_its_reason() {
        let status = bad_request(vec![
            violation("order.currency", ErrorReason::InvalidField),
            violation("expected_total", ErrorReason::MoneyPrecision),
        ]);
        let details = status.get_error_details();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(details.error_info().unwrap().reason, "INVALID_FIELD");
        let listed = &details.bad_request().unwrap().field_violations;
        assert_eq!(listed.len(), 2);
        assert_eq!((&*listed[1].field, &*listed[1].reason), ("expected_total", "MONEY_PRECISION"));
    }

    #[test]
    fn a_common_reason_is_the_reason() {
        let status = bad_request(vec![violation("request_id", ErrorReason::InvalidRequestId)]);
        assert_eq!(status.message(), "request_id: must be better");
        assert_eq!(status.get_error_details().error_info().unwrap().reason, "INVALID_REQUEST_ID");
    }

    #[test]
    fn a_thousand_violations_still_fit_into_headers() {
        let many = (0..1000).map(|n| violation(&format!("order.lines[{n}].sku"), ErrorReason::InvalidField));
        let status = bad_request(many.collect());
        assert!(status.details().len() < 5 * 1024, "{}", status.details().len());
        assert!(status.message().starts_with("1000 fields are invalid (the first "), "{}", status.message());
    }
}
