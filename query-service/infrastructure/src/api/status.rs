//! Errors of queries as callers see them.

use std::time::Duration;

use query_application::{QueryError, ReadError};
use shared_domain::OrderId;
use shared_infrastructure::errors::{ErrorReason, Failure};
use tonic::Status;

const ORDER_TYPE: &str = "orders.v1.Order";
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The status of an error. A failure of ours is logged here, and nowhere else.
pub(super) fn status(error: QueryError) -> Status {
    let failure = match &error {
        QueryError::OrdersNotFound(orders) => orders_not_found(orders),
        QueryError::NothingFound(_) => {
            let message = error.to_string();
            Failure::new(ErrorReason::OrderNotFound, &message).resource(ORDER_TYPE, "", &message)
        }
        QueryError::VersionNotFound(order) => {
            let name = super::encode::name(*order);
            let message = format!("{name} has no such version, or had none yet at that time");
            Failure::new(ErrorReason::VersionNotFound, &message).resource(ORDER_TYPE, name, &message)
        }
        QueryError::Read(ReadError::Unavailable(source)) => {
            tracing::warn!(error = %source, "the database cannot be reached");
            let message = "the database cannot be reached at the moment";
            Failure::new(ErrorReason::DatabaseUnavailable, message).retry_after(RETRY_DELAY)
        }
        QueryError::Read(ReadError::Overloaded(_)) => {
            let message = "too many calls are waiting for the database";
            Failure::new(ErrorReason::Overloaded, message).retry_after(RETRY_DELAY)
        }
        QueryError::Read(ReadError::TimedOut(_)) => {
            Failure::new(ErrorReason::DeadlineExceeded, "the database took too long to answer")
        }
        QueryError::Read(failed @ ReadError::Failed(_)) => Failure::internal(failed),
    };
    failure.into_status()
}

fn orders_not_found(orders: &[OrderId]) -> Failure {
    let names: Vec<_> = orders.iter().copied().map(super::encode::name).collect();
    let message = format!("not found: {}", names.join(", "));
    let failure = Failure::new(ErrorReason::OrderNotFound, message);
    match names.into_iter().next() {
        Some(first) => failure.resource(ORDER_TYPE, first, "the tenant has no such order"),
        None => failure,
    }
}
