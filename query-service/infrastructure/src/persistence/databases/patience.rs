//! How long a read waits for a database to be new enough.

use std::{
    cmp::min,
    time::{Duration, Instant},
};

use tokio::time::sleep;

/// The first pause; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The most that is left of the time until a deadline, for the refusal to arrive before the caller is gone. It is a fifth of shorter
/// times.
const MARGIN: Duration = Duration::from_millis(100);

/// A time to wait in pauses.
pub(super) struct Patience {
    deadline: Option<Instant>,
    limit: Duration,
    /// Known from the first pause on: hardly any read makes one.
    until: Option<Instant>,
    pause: Duration,
}

impl Patience {
    /// Until shortly before the deadline; for so long if there is none.
    pub(super) fn new(deadline: Option<Instant>, limit: Duration) -> Self {
        Self { deadline, limit, until: None, pause: FIRST_PAUSE }
    }

    /// Makes a pause, and says whether there was time for it.
    pub(super) async fn pause(&mut self) -> bool {
        let now = Instant::now();
        let until = *self.until.get_or_insert_with(|| match self.deadline {
            Some(deadline) => deadline - min(deadline.saturating_duration_since(now) / 5, MARGIN),
            None => now + self.limit,
        });
        let left = until.saturating_duration_since(now);
        if left.is_zero() {
            return false;
        }
        sleep(min(self.pause, left)).await;
        self.pause = min(self.pause * 2, LONGEST_PAUSE);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn waited(deadline: Option<Duration>, limit: Duration) -> Duration {
        let start = Instant::now();
        let mut patience = Patience::new(deadline.map(|deadline| start + deadline), limit);
        while patience.pause().await {}
        start.elapsed()
    }

    #[tokio::test]
    async fn a_read_waits_until_shortly_before_its_deadline_or_for_the_limit() {
        let [short, long] = [100, 60_000].map(Duration::from_millis);
        let bounded = waited(Some(short), long).await;
        assert!(bounded >= short * 4 / 5, "{bounded:?}");
        assert!(waited(None, short).await >= short);
        assert!(waited(Some(Duration::ZERO), long).await < long / 2, "there is no time at all");
    }
}
