//! Refusals, taken apart as a caller takes them apart.

use std::{collections::BTreeMap, time::Duration};

use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// A refused call, with all that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// `ErrorInfo.reason`.
    pub(crate) reason: String,
    /// `ErrorInfo.metadata`.
    pub(crate) metadata: BTreeMap<String, String>,
    /// Field and reason of every violation in `BadRequest`.
    pub(crate) fields: Vec<(String, String)>,
    /// Type and subject of every violation in `PreconditionFailure`.
    pub(crate) preconditions: Vec<(String, String)>,
    /// Type and name in `ResourceInfo`.
    pub(crate) resource: Option<(String, String)>,
    /// The delay in `RetryInfo`.
    pub(crate) retry: Option<Duration>,
}

impl Refusal {
    /// A pair of the metadata.
    pub(crate) fn told(&self, key: &str) -> &str {
        self.metadata.get(key).unwrap_or_else(|| panic!("no {key}: {self:?}"))
    }

    /// The fields that are bad, sorted.
    pub(crate) fn bad_fields(&self) -> Vec<&str> {
        let mut fields: Vec<_> = self.fields.iter().map(|(field, _)| field.as_str()).collect();
        fields.sort_unstable();
        fields
    }

    /// The rules that are broken, in the order told.
    pub(crate) fn broken(&self) -> Vec<&str> {
        self.preconditions.iter().map(|(rule, _)| rule.as_str()).collect()
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().unwrap_or_else(|| panic!("without ErrorInfo: {status:?}"));
        assert_eq!(info.domain, "orders", "{status:?}");
        assert!(!status.message().is_empty(), "{status:?}");
        let bad_request = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
        assert!(bad_request.iter().all(|violation| !violation.description.is_empty()), "{status:?}");
        let failure =
            details.precondition_failure().map(|failure| failure.violations.clone()).unwrap_or_default();
        assert!(failure.iter().all(|violation| !violation.description.is_empty()), "{status:?}");
        Self {
            code: status.code(),
            message: status.message().to_owned(),
            reason: info.reason.clone(),
            metadata: info.metadata.clone().into_iter().collect(),
            fields: bad_request.into_iter().map(|bad| (bad.field, bad.reason)).collect(),
            preconditions: failure.into_iter().map(|broken| (broken.r#type, broken.subject)).collect(),
            resource: details.resource_info().map(|r| (r.resource_type.clone(), r.resource_name.clone())),
            retry: details.retry_info().and_then(|retry| retry.retry_delay),
        }
    }
}

/// The refusal of a call that must have been refused.
pub(crate) fn refusal<T>(answer: Result<Response<T>, Status>) -> Refusal {
    match answer {
        Ok(_) => panic!("the call should have been refused"),
        Err(status) => status.into(),
    }
}
