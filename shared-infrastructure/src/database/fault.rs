//! What a database error means for the one who waits for the answer.

use deadpool::managed::TimeoutType;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::deadpool::PoolError;

/// The kinds of database error that somebody can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The database cannot be reached, or the connection broke, or it is a standby that had to go on without waiting for the
    /// statement. A statement that was under way when the connection broke may have taken effect.
    Unavailable,
    /// Every connection was taken for as long as the call could wait. Nothing was sent.
    Exhausted,
    /// PostgreSQL gave up on the statement: it ran too long, or was told to stop. It has no effect.
    Interrupted,
    /// PostgreSQL gave up on the statement because others held what it needed: it waited for a lock too long, deadlocked, or could
    /// not be serialised. It has no effect.
    Contended,
    /// The statement broke a unique constraint. It has no effect.
    UniqueViolation {
        /// The constraint's name.
        constraint: String,
    },
    /// Anything else: a defect.
    Other,
}

/// Ends of a session that PostgreSQL announces itself. The driver keeps the message but not the SQLSTATE;
/// [`super::ensure_english`] sees that messages are in English.
const SESSION_ENDS: [&str; 5] = [
    "terminating connection due to",
    "the database system is shutting down",
    "the database system is starting up",
    "the database system is in recovery mode",
    "sorry, too many clients already",
];

/// How a standby says that what it replays is in the way of a read.
const CONFLICT: &str = "canceling statement due to conflict with recovery";

const CONTENTIONS: [&str; 2] = ["canceling statement due to lock timeout", "deadlock detected"];

const INTERRUPTIONS: [&str; 1] = ["canceling statement due to"];

impl From<&Error> for Fault {
    fn from(error: &Error) -> Self {
        let Error::DatabaseError(kind, information) = error else {
            return match error {
                Error::BrokenTransactionManager => Self::Unavailable,
                _ => Self::Other,
            };
        };
        let message = information.message();
        let says = |starts: &[&str]| starts.iter().any(|start| message.starts_with(start));
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::UniqueViolation {
                constraint: information.constraint_name().unwrap_or_default().to_owned(),
            },
            DatabaseErrorKind::ClosedConnection => Self::Unavailable,
            DatabaseErrorKind::UnableToSendCommand if is_lost_connection(message) => Self::Unavailable,
            _ if message.starts_with(CONFLICT) => Self::Unavailable,
            DatabaseErrorKind::SerializationFailure => Self::Contended,
            DatabaseErrorKind::Unknown if says(&SESSION_ENDS) => Self::Unavailable,
            DatabaseErrorKind::Unknown if says(&CONTENTIONS) => Self::Contended,
            DatabaseErrorKind::Unknown if says(&INTERRUPTIONS) => Self::Interrupted,
            _ => Self::Other,
        }
    }
}

/// Whether a statement was refused because it had been prepared before the schema changed. It has no effect, and works on a
/// connection that has prepared nothing yet.
#[must_use]
pub fn is_outdated(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else { return false };
    information.message() == "cached plan must not change result type"
}

/// Whether the connection that gave this error is of no more use: it broke, or what it has prepared is outdated.
#[must_use]
pub fn is_last(error: &Error) -> bool {
    is_outdated(error) || Fault::from(error) == Fault::Unavailable
}

/// The driver reports what it cannot encode or decode under the same kind as a connection that is gone.
fn is_lost_connection(message: &str) -> bool {
    ["connection closed", "error communicating with the server", "unexpected message from server"]
        .iter()
        .any(|start| message.starts_with(start))
}

impl From<&PoolError> for Fault {
    fn from(error: &PoolError) -> Self {
        match error {
            PoolError::Timeout(TimeoutType::Wait) => Self::Exhausted,
            PoolError::NoRuntimeSpecified => Self::Other,
            PoolError::Timeout(_)
            | PoolError::Backend(_)
            | PoolError::Closed
            | PoolError::PostCreateHook(_) => Self::Unavailable,
        }
    }
}
