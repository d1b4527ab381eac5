//! Refusals as callers see them: the catalogue of reasons and the `google.rpc` details that go with them.
//!
//! Which domain error has which reason is decided by each service's adapter, not here.

mod catalogue;
mod clip;
mod failure;
mod violations;

pub use catalogue::{code, name};
pub use failure::{DOMAIN, Failure};
pub use violations::{FieldViolation, bad_request};

pub use orders_proto::orders::v1::ErrorReason;
