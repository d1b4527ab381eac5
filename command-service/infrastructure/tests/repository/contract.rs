//! What every repository promises. Each test takes an empty one.

pub(crate) mod creation;
pub(crate) mod requests;
pub(crate) mod restoring;
pub(crate) mod tenants;
pub(crate) mod versions;
