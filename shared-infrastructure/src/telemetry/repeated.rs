//! What happens to many calls at once, and is logged now and then.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The least time between two lines of the log.
const PAUSE: Duration = Duration::from_secs(1);

/// Something that may happen very often.
#[derive(Debug, Default)]
pub struct Repeated(Mutex<Unsaid>);

#[derive(Debug, Default)]
struct Unsaid {
    times: u64,
    said: Option<Instant>,
}

impl Repeated {
    /// It has not happened yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Unsaid { times: 0, said: None }))
    }

    /// It happened: how often since it was logged, this time included, if it is time to log it again.
    pub fn happened(&self) -> Option<u64> {
        let mut unsaid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.times += 1;
        if unsaid.said.is_some_and(|said| said.elapsed() < PAUSE) {
            return None;
        }
        unsaid.said = Some(Instant::now());
        Some(std::mem::take(&mut unsaid.times))
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;

    #[test]
    fn what_was_not_said_is_counted() {
        let repeated = Repeated::new();
        assert_eq!([repeated.happened(), repeated.happened(), repeated.happened()], [Some(1), None, None]);
        sleep(PAUSE);
        assert_eq!(repeated.happened(), Some(3));
    }
}
