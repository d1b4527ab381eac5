//! Errors of the driver as the port's.

use std::sync::Arc;

use command_application::RepositoryError;
use diesel::result::{DatabaseErrorKind, Error};
use shared_domain::OrderId;
use shared_infrastructure::{
    batching::NotDone,
    database::{Fault, StatementError},
};

use super::member::{Action, Member};

/// The error of a read, or of anything else that leaves no trace.
pub(super) fn of_read(failure: &Arc<StatementError>) -> RepositoryError {
    let source = || Arc::clone(failure).into();
    match Fault::from(&**failure) {
        Fault::Exhausted => RepositoryError::Overloaded,
        Fault::Unavailable | Fault::Interrupted | Fault::Contended => RepositoryError::Unavailable(source()),
        Fault::UniqueViolation { .. } | Fault::Other => RepositoryError::Defect(source()),
    }
}

/// The error of a commit of these members, as a whole.
pub(super) fn of_commit(failure: &Arc<StatementError>, members: &[Member]) -> RepositoryError {
    let source = || Arc::clone(failure).into();
    match &**failure {
        StatementError::NoConnection(_) => of_read(failure),
        StatementError::Unanswered | StatementError::Stopped => RepositoryError::OutcomeUnknown(source()),
        StatementError::Statement(error) => match Fault::from(error) {
            Fault::UniqueViolation { constraint } => of_unique_violation(&constraint, error, members)
                .unwrap_or_else(|| RepositoryError::Defect(source())),
            Fault::Unavailable => RepositoryError::OutcomeUnknown(source()),
            Fault::Other if !is_refusal(error) => RepositoryError::OutcomeUnknown(source()),
            Fault::Exhausted | Fault::Interrupted | Fault::Contended | Fault::Other => of_read(failure),
        },
    }
}

/// The error of a load that was not done.
pub(super) fn of_load_not_done(reason: NotDone) -> RepositoryError {
    match reason {
        NotDone::Full => RepositoryError::Overloaded,
        NotDone::Late => RepositoryError::TooLate,
        NotDone::Lost => RepositoryError::Defect(reason.into()),
    }
}

/// The error of a commit that was not done, or nobody knows.
pub(super) fn of_commit_not_done(reason: NotDone) -> RepositoryError {
    match reason {
        NotDone::Full => RepositoryError::Overloaded,
        NotDone::Late => RepositoryError::TooLate,
        NotDone::Lost => RepositoryError::OutcomeUnknown(reason.into()),
    }
}

/// Whether a batch that failed so may succeed without one of its members: a constraint refused what the statement says. Where
/// PostgreSQL gave up for lack of time, every further try would have others wait as long again; and of what the driver cannot
/// name, it is not certain that it was refused.
pub(super) fn has_one_to_blame(failure: &StatementError) -> bool {
    use DatabaseErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation};
    let StatementError::Statement(Error::DatabaseError(kind, _)) = failure else { return false };
    matches!(kind, UniqueViolation | CheckViolation | ForeignKeyViolation | NotNullViolation)
}

/// Whether a row that was read has a value that makes no sense.
pub(super) fn is_unreadable(failure: &StatementError) -> bool {
    matches!(failure, StatementError::Statement(Error::DeserializationError(_)))
}

/// Whether others held what a batch needed, so that it was given up.
pub(super) fn is_contended(failure: &StatementError) -> bool {
    Fault::from(failure) == Fault::Contended
}

/// Whether the key that a failed statement shows as taken is one of this commit's.
pub(super) fn is_to_blame(failure: &StatementError, commit: &[Member]) -> bool {
    let StatementError::Statement(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information)) =
        failure
    else {
        return false;
    };
    let key = information.details().unwrap_or_default();
    commit.iter().any(|member| match information.constraint_name() {
        Some("orders_pkey" | "order_history_pkey") => key.contains(&member.order.to_string()),
        Some("order_history_request") => {
            member.history.request_id.is_some_and(|request| key.contains(&request.to_string()))
        }
        Some("orders_external_reference") => member
            .external_reference()
            .is_some_and(|(source, id)| key.contains(&format!(", {source}, {id})"))),
        _ => false,
    })
}

/// Whether it is certain that the statement had no effect: PostgreSQL answered it with an error, or it could not be sent. What
/// the driver could not make out of an answer is no such error.
fn is_refusal(error: &Error) -> bool {
    match error {
        Error::DatabaseError(kind, _) => !matches!(kind, DatabaseErrorKind::UnableToSendCommand),
        error => matches!(error, Error::SerializationError(_) | Error::QueryBuilderError(_)),
    }
}

fn of_unique_violation(constraint: &str, error: &Error, members: &[Member]) -> Option<RepositoryError> {
    match constraint {
        "orders_pkey" | "order_history_pkey" => {
            let guilty = named_in(error, members)?;
            match guilty.action {
                Action::Create(_) => Some(RepositoryError::OrderExists(guilty.order)),
                Action::Update { .. } | Action::Delete { .. } => Some(RepositoryError::Conflict),
            }
        }
        "order_history_request" => Some(RepositoryError::RequestAnswered),
        "orders_external_reference" => Some(RepositoryError::ExternalReferenceTaken),
        _ => None,
    }
}

/// The member whose order's id is in the key that the error shows; the first one if it shows none.
fn named_in<'m>(error: &Error, members: &'m [Member]) -> Option<&'m Member> {
    let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information) = error else { return None };
    let key = information.details().unwrap_or_default();
    let shown = |id: OrderId| key.contains(&id.to_string());
    members.iter().find(|member| shown(member.order)).or(members.first())
}
