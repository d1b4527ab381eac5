//! What the statements cost, on a database with enough in it for the planner to have a choice; and that the views are
//! what this crate takes them for.

mod batched;
mod costs;
mod customer_pages;
mod data;
mod explained;
mod plans;
mod prepared;
mod projections;
mod session;
mod views;

use std::time::Duration;

use query_application::ReadContext;
use shared_domain::TenantId;
use shared_infrastructure::batching::Limits;

/// How the repositories of the tests batch.
const LIMITS: Limits = Limits { lanes: 1, batch: 8, waiting: 1000 };

/// How long the repositories of the tests wait for a statement.
const PATIENCE: Duration = Duration::from_secs(30);

/// The context of reads of a tenant's orders, however old they are.
fn reading(tenant: &TenantId) -> ReadContext {
    ReadContext { tenant: tenant.clone(), at_least: None, deadline: None }
}
