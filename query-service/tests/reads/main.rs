//! query-service through its front door: the real service over a real database, whose rows are put there as commits leave
//! them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod batch_get_orders;
mod cut_reads;
mod forged_tokens;
mod get_order;
mod list_filters;
mod list_order_history;
mod list_pages;
mod list_views;
mod lookup_order;
mod outage;
mod standby;
mod support;
mod tenant_wall;
mod tokens;
mod watch;
