//! Errors of the driver as the port's.

use command_application::RepositoryError;
use diesel::result::{DatabaseErrorKind, Error};
use shared_domain::OrderId;
use shared_infrastructure::database::Fault;

use super::{
    member::{Action, Member},
    session::Failure,
};

/// The error of a read, or of anything else that leaves no trace.
pub(super) fn of_read(failure: Failure) -> RepositoryError {
    let fault = match &failure {
        Failure::NoConnection(error) => Fault::from(error),
        Failure::Statement(error) => Fault::from(error),
        Failure::Cut(error) if error.is_panic() => Fault::Other,
        Failure::Cut(_) => Fault::Unavailable,
    };
    match fault {
        Fault::Exhausted => RepositoryError::Overloaded,
        Fault::Unavailable | Fault::Interrupted => RepositoryError::Unavailable(failure.into()),
        Fault::UniqueViolation { .. } | Fault::Other => RepositoryError::Defect(failure.into()),
    }
}

/// The error of a commit of these members, as a whole.
pub(super) fn of_commit(failure: Failure, members: &[Member]) -> RepositoryError {
    match &failure {
        Failure::NoConnection(_) => of_read(failure),
        Failure::Cut(_) => RepositoryError::OutcomeUnknown(failure.into()),
        Failure::Statement(error) => match Fault::from(error) {
            Fault::UniqueViolation { constraint } => of_unique_violation(&constraint, error, members)
                .unwrap_or(RepositoryError::Defect(failure.into())),
            Fault::Unavailable => RepositoryError::OutcomeUnknown(failure.into()),
            Fault::Other if !is_refusal(error) => RepositoryError::OutcomeUnknown(failure.into()),
            Fault::Exhausted | Fault::Interrupted | Fault::Other => of_read(failure),
        },
    }
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
