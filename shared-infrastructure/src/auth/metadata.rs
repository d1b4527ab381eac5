//! What calls say of their caller in their metadata.

use shared_domain::{Caller, TenantId};
use tonic::{
    Status,
    metadata::{MetadataMap, MetadataValue},
};

use super::refusal;
use crate::errors::{ErrorReason, FieldViolation, bad_request};

/// The key that names the tenant.
pub(super) const TENANT: &str = "x-tenant-id";

/// The only value of `key`, if there is one.
pub(super) fn text<'m>(
    metadata: &'m MetadataMap,
    key: &'static str,
) -> Result<Option<&'m str>, FieldViolation> {
    let mut values = metadata.get_all(key).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(violation(key, "must be given at most once"));
    }
    value.map(MetadataValue::to_str).transpose().map_err(|_| violation(key, "must be printable ASCII"))
}

pub(super) fn violation(key: &str, description: impl Into<String>) -> FieldViolation {
    FieldViolation::new(key, ErrorReason::InvalidField, description)
}

/// The caller, unless the call is meant for another tenant than theirs.
pub(super) fn of_own_tenant(caller: Caller, metadata: &MetadataMap) -> Result<Caller, Status> {
    let own = |named: &MetadataValue<_>| named.as_bytes() == TenantId::as_str(&caller.tenant).as_bytes();
    match metadata.get_all(TENANT).iter().find(|named| !own(named)) {
        None => Ok(caller),
        Some(named) if named.is_empty() => {
            Err(bad_request(vec![violation(TENANT, "must not be empty: leave it out")]))
        }
        Some(_) => Err(refusal::tenant_mismatch()),
    }
}
