//! Whether a process is ready for calls.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long the database may be out of reach before the process is not ready. A pause that calls live through, such as the
/// restart of a database, is not worth taking all replicas away at once.
const DATABASE_PATIENCE: Duration = Duration::from_secs(15);

/// What is known of it; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<Known>>);

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    serving: bool,
    database_reached: Option<Instant>,
}

impl Readiness {
    /// The process does what it is there for, such as to take calls, or has been told to end.
    pub fn serving(&self, serving: bool) {
        self.change(|known| known.serving = serving);
    }

    /// The database has just answered.
    pub(super) fn database_reached(&self) {
        self.change(|known| known.database_reached = Some(Instant::now()));
    }

    /// Whether the process is ready, and if not, why.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.serving {
            return Err("not serving");
        }
        match known.database_reached {
            Some(reached) if reached.elapsed() <= DATABASE_PATIENCE => Ok(()),
            _ => Err("the database is out of reach"),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_who_serves_and_has_reached_the_database_lately() {
        let readiness = Readiness::default();
        assert_eq!(readiness.check(), Err("not serving"));
        readiness.serving(true);
        assert_eq!(readiness.check(), Err("the database is out of reach"));
        readiness.database_reached();
        assert_eq!(readiness.check(), Ok(()));
        let reached = |ago: Duration| {
            readiness.change(|known| known.database_reached = Instant::now().checked_sub(ago))
        };
        reached(DATABASE_PATIENCE / 2);
        assert_eq!(readiness.check(), Ok(()), "a hiccup");
        reached(DATABASE_PATIENCE + Duration::from_secs(1));
        assert_eq!(readiness.check(), Err("the database is out of reach"));
        readiness.database_reached();
        readiness.serving(false);
        assert_eq!(readiness.check(), Err("not serving"));
    }
}
