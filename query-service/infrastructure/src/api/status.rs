//! Errors of queries as callers see them.

use std::time::Duration;

use query_application::{QueryError, ReadError};
use shared_domain::OrderId;
use shared_infrastructure::{
    errors::{ErrorReason, Failure, FieldViolation, bad_request},
    telemetry::{Repeated, chain},
    wire::order_name,
};
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
            let name = order_name(*order);
            let message = format!("{name} has no such version, or had none yet at that time");
            Failure::new(ErrorReason::VersionNotFound, &message).resource(ORDER_TYPE, name, &message)
        }
        QueryError::TooManyBytes(_) => return too_many_bytes(&error),
        QueryError::TooManyGroups => return too_many_groups(&error),
        QueryError::Read(error) => not_read(error),
    };
    failure.into_status()
}

fn too_many_bytes(error: &QueryError) -> Status {
    let problem = format!("of {error}: ask for fewer at a time");
    bad_request(vec![FieldViolation::new("names", ErrorReason::InvalidField, problem)])
}

fn too_many_groups(error: &QueryError) -> Status {
    let problem = format!("makes {error}: narrow the filter or the days, or group by less");
    bad_request(vec![FieldViolation::new("group_by", ErrorReason::InvalidField, problem)])
}

/// Logs why a read failed. What hits all calls at once is said now and then.
fn log(error: &ReadError) {
    static FAILED: [Repeated; 3] = [const { Repeated::new() }; 3];
    let kind = match error {
        // With many callers on a standby that is behind, this is no news.
        ReadError::Lagging => return tracing::debug!("no database was as new as a read demands"),
        // This logs by itself.
        ReadError::Failed(_) => return,
        ReadError::Unavailable(_) => &FAILED[0],
        ReadError::Overloaded(_) => &FAILED[1],
        ReadError::TimedOut(_) => &FAILED[2],
    };
    if let Some(reads) = kind.happened() {
        tracing::warn!(error = chain(error), reads, "reads fail");
    }
}

/// The failure of a read. It is logged here, and nowhere else.
pub(super) fn not_read(error: &ReadError) -> Failure {
    log(error);
    match error {
        ReadError::Unavailable(_) => {
            let message = "the database cannot be reached at the moment";
            Failure::new(ErrorReason::DatabaseUnavailable, message).retry_after(RETRY_DELAY)
        }
        ReadError::Overloaded(_) => {
            let message = "too many calls are waiting for the database";
            Failure::new(ErrorReason::Overloaded, message).retry_after(RETRY_DELAY)
        }
        ReadError::Lagging => {
            let message = "no database within reach is as new as this read demands";
            Failure::new(ErrorReason::ReadLag, message).retry_after(RETRY_DELAY)
        }
        ReadError::TimedOut(_) => {
            Failure::new(ErrorReason::DeadlineExceeded, "the database took too long to answer")
        }
        failed @ ReadError::Failed(_) => Failure::internal(failed),
    }
}

fn orders_not_found(orders: &[OrderId]) -> Failure {
    let names: Vec<_> = orders.iter().copied().map(order_name).collect();
    let message = format!("not found: {}", names.join(", "));
    let failure = Failure::new(ErrorReason::OrderNotFound, message);
    match names.into_iter().next() {
        Some(first) => failure.resource(ORDER_TYPE, first, "the tenant has no such order"),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fmt::Debug,
        io,
        sync::{Arc, Mutex},
    };

    use tonic::Code;
    use tracing::{
        Event, Level, Metadata, Subscriber,
        field::{Field, Visit},
        span::{Attributes, Id, Record},
        subscriber::with_default,
    };

    use super::*;

    /// Keeps the level and the fields of every event.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<(Level, String)>>>);

    struct Fields(String);

    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0 += &format!("{field}={value:?} ");
        }
    }

    impl Subscriber for Log {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut fields = Fields(String::new());
            event.record(&mut fields);
            self.0.lock().unwrap().push((*event.metadata().level(), fields.0));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn a_failed_read_is_logged_once_with_its_causes_and_tells_the_caller_none_of_them() {
        let cause = || Arc::new(io::Error::other("no route to 10.1.2.3"));
        for (error, code, level) in [
            (ReadError::Unavailable(cause()), Code::Unavailable, Level::WARN),
            (ReadError::Overloaded(cause()), Code::ResourceExhausted, Level::WARN),
            (ReadError::TimedOut(cause()), Code::DeadlineExceeded, Level::WARN),
            (ReadError::Failed(cause()), Code::Internal, Level::ERROR),
        ] {
            let (log, told) = (Log::default(), error.to_string());
            let status = with_default(log.clone(), || status(QueryError::Read(error)));
            assert_eq!(status.code(), code);
            assert!(!String::from_utf8_lossy(status.details()).contains("10.1.2.3"));
            let log = log.0.lock().unwrap();
            let [(logged_level, fields)] = log.as_slice() else { panic!("{log:?}") };
            assert_eq!(*logged_level, level);
            assert!(fields.contains(&format!("{told}: no route to 10.1.2.3")), "{fields}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_logged() {
        let log = Log::default();
        let order = OrderId::referring(uuid::Uuid::from_u128(1));
        with_default(log.clone(), || status(QueryError::OrdersNotFound(vec![order])));
        assert!(log.0.lock().unwrap().is_empty());
    }
}
