//! Something that the relay needs and cannot reach: said when it begins and when its reason changes, however often it is tried, and
//! once when it is over.

use std::{
    error::Error,
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Whether something is out of reach, since when, and why.
#[derive(Debug)]
pub(super) struct Outage {
    what: &'static str,
    state: Mutex<Option<(Instant, String)>>,
}

impl Outage {
    /// Of `what`, which is in reach.
    pub(super) const fn of(what: &'static str) -> Self {
        Self { what, state: Mutex::new(None) }
    }

    /// It was tried in vain.
    pub(super) fn goes_on(&self, error: &(dyn Error + 'static)) {
        let reason = reason(error);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, known) = state.get_or_insert_with(|| (Instant::now(), String::new()));
        if *known != reason {
            tracing::warn!(%reason, "the relay waits for {}", self.what);
            *known = reason;
        }
    }

    /// It was reached.
    pub(super) fn is_over(&self) {
        let ended = self.state.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((since, _)) = ended {
            tracing::info!(seconds = since.elapsed().as_secs(), "the relay reached {} again", self.what);
        }
    }
}

/// The error with all that caused it.
fn reason(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
