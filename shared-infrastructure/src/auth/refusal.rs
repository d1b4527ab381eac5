//! The refusals of authentication and authorisation: what the caller has to change, and nothing of what was wrong inside a token.

use std::time::Duration;

use tonic::Status;

use super::metadata::TENANT;
use crate::errors::{ErrorReason, Failure};

/// When keys that could not be had are worth another try.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Nothing says who calls. `accepted` tells what would.
pub(super) fn token_missing(accepted: &str) -> Status {
    Failure::new(ErrorReason::TokenMissing, format!("the call does not say who makes it: {accepted}")).into()
}

/// What the caller showed is not taken; `expected` tells what is.
pub(super) fn token_invalid(expected: impl Into<String>) -> Status {
    Failure::new(ErrorReason::TokenInvalid, expected).into()
}

pub(super) fn token_expired() -> Status {
    Failure::new(ErrorReason::TokenExpired, "the token has expired: get a new one from its issuer").into()
}

pub(super) fn issuer_unavailable() -> Status {
    let message = "the issuer's keys cannot be had at the moment, so no token can be verified";
    Failure::new(ErrorReason::IssuerUnavailable, message).retry_after(RETRY_DELAY).into()
}

pub(super) fn tenant_mismatch() -> Status {
    let message = format!("`{TENANT}` names another tenant than the caller's own: leave it out");
    Failure::new(ErrorReason::TenantMismatch, message).into()
}

pub(super) fn permission_denied(scope: &str) -> Status {
    let message = format!("the call needs the scope `{scope}`, which the caller does not have");
    Failure::new(ErrorReason::PermissionDenied, message).metadata("scope", scope).into()
}
