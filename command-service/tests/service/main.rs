//! command-service through its front door: the real service over a real database, called by the generated client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed; its helpers too")]

mod authorization;
mod bad_input;
mod batch;
mod concurrency;
mod cut_calls;
mod errors;
mod idempotency;
mod late_failures;
mod lifecycle;
mod support;
mod tenants;
