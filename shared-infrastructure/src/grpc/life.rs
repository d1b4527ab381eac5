//! How long a connection may live: until it is old, nobody calls over it, or an answer is left lying.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::{interval, sleep};

use super::ConnectionLimits;

/// Why a connection has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is old.
    Age,
    /// Nobody calls.
    Idle,
    /// Its client does not take what it asked for.
    Stalled,
}

/// What goes on over a connection.
#[derive(Debug, Default)]
pub(super) struct Life {
    /// Calls ever begun.
    begun: AtomicU64,
    /// Calls under way.
    calls: AtomicUsize,
    /// Counts the time limits for answers that have passed.
    epoch: AtomicU64,
    /// Parts of answers that their client has not taken, by the epoch (modulo their number) since when.
    untaken: [AtomicUsize; 4],
}

impl Life {
    /// Waits until the connection has to end.
    pub(super) async fn end(&self, limits: &ConnectionLimits) -> End {
        let age = limits.age.mul_f64(0.9 + 0.2 * fastrand::f64());
        tokio::select! {
            () = sleep(age) => End::Age,
            () = self.idle(limits.idle) => End::Idle,
            () = self.stalled(limits.answer) => End::Stalled,
        }
    }

    async fn idle(&self, limit: Duration) {
        let mut begun = u64::MAX;
        while self.calls.load(Ordering::Relaxed) > 0 || self.begun.load(Ordering::Relaxed) != begun {
            begun = self.begun.load(Ordering::Relaxed);
            sleep(limit).await;
        }
    }

    /// Waits until the client has left something lying for `limit`, or somewhat longer.
    pub(super) async fn stalled(&self, limit: Duration) {
        let mut ticks = interval(limit);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let epoch = self.epoch.fetch_add(1, Ordering::Relaxed) + 1;
            // Those of the last epoch but one are as old as the limit, and at most twice as old.
            if self.place(epoch.wrapping_sub(2)).load(Ordering::Relaxed) > 0 {
                return;
            }
        }
    }

    fn place(&self, epoch: u64) -> &AtomicUsize {
        &self.untaken[(epoch % 4) as usize]
    }
}

/// Something for the client, which it takes or leaves.
#[derive(Debug)]
pub(super) struct Offer {
    life: Arc<Life>,
    /// Since when it has not been taken.
    untaken: Option<u64>,
}

impl Offer {
    /// There is nothing yet.
    pub(super) fn none(life: &Arc<Life>) -> Self {
        Self { life: Arc::clone(life), untaken: None }
    }

    /// There is something, perhaps since a while.
    pub(super) fn keep(&mut self) {
        if self.untaken.is_none() {
            let epoch = self.life.epoch.load(Ordering::Relaxed);
            self.life.place(epoch).fetch_add(1, Ordering::Relaxed);
            self.untaken = Some(epoch);
        }
    }

    /// All of it was taken.
    pub(super) fn take(&mut self) {
        if let Some(epoch) = self.untaken.take() {
            self.life.place(epoch).fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        self.take();
    }
}

/// One call, until it is dropped.
#[derive(Debug)]
pub(super) struct CallLife {
    /// What it has for the client.
    pub(super) offer: Offer,
}

impl CallLife {
    /// A call begins.
    pub(super) fn begin(life: &Arc<Life>) -> Self {
        life.begun.fetch_add(1, Ordering::Relaxed);
        life.calls.fetch_add(1, Ordering::Relaxed);
        Self { offer: Offer::none(life) }
    }
}

impl Drop for CallLife {
    fn drop(&mut self) {
        self.offer.life.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    const LIMITS: ConnectionLimits = ConnectionLimits {
        idle: Duration::from_secs(100),
        age: Duration::from_secs(1000),
        answer: Duration::from_secs(10),
        ..ConnectionLimits::DEFAULT
    };

    #[tokio::test(start_paused = true)]
    async fn an_old_connection_ends_though_it_is_used_and_not_all_at_the_same_time() {
        let mut ends = Vec::new();
        for _ in 0..20 {
            let life = Arc::new(Life::default());
            let _call = CallLife::begin(&life);
            let begun = Instant::now();
            assert_eq!(life.end(&LIMITS).await, End::Age);
            ends.push(begun.elapsed());
        }
        assert!(ends.iter().all(|end| (900..=1101).contains(&end.as_secs())), "{ends:?}");
        assert!(ends.iter().any(|end| *end != ends[0]), "{ends:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_calls_is_idle() {
        let life = Arc::new(Life::default());
        let begun = Instant::now();
        assert_eq!(life.end(&LIMITS).await, End::Idle);
        assert!((100..=201).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_lying_is_noticed_behind_what_is_taken() {
        let life = Arc::new(Life::default());
        let (_one, mut other) = (CallLife::begin(&life), CallLife::begin(&life));
        let mut left = CallLife::begin(&life);
        let taking = async {
            loop {
                other.offer.keep();
                sleep(Duration::from_secs(3)).await;
                other.offer.take();
            }
        };
        let lively = async { timeout(Duration::from_secs(500), life.stalled(LIMITS.answer)).await };
        tokio::select! {
            end = lively => assert!(end.is_err(), "everything was taken"),
            () = taking => {}
        }
        left.offer.keep();
        let begun = Instant::now();
        assert_eq!(life.end(&LIMITS).await, End::Stalled);
        assert!((10..=21).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    }
}
