//! How long a connection may live: until it is old, nobody calls over it, or an answer is left lying.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};

use super::ConnectionLimits;

/// How long clients may leave something lying while there is no room for others.
const HURRY: Duration = Duration::from_secs(1);

/// Tells all connections that there is no room: whoever leaves something lying has little time now.
#[derive(Debug, Clone, Default)]
pub(super) struct Pressure(Arc<Notify>);

impl Pressure {
    /// Somebody was refused for lack of room.
    pub(super) fn rise(&self) {
        self.0.notify_waiters();
    }
}

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
    /// Counts how often it was looked whether anything is left lying.
    looks: AtomicU64,
    /// Parts of answers that their client has not taken: those from before the last look, and those since, in turns.
    untaken: [AtomicUsize; 2],
}

impl Life {
    /// Waits until the connection has to end.
    pub(super) async fn end(&self, limits: &ConnectionLimits, pressure: &Pressure) -> End {
        let age = limits.age.mul_f64(0.9 + 0.2 * fastrand::f64());
        tokio::select! {
            () = sleep(age) => End::Age,
            () = self.idle(limits.idle) => End::Idle,
            () = self.stalled(limits.answer, pressure) => End::Stalled,
        }
    }

    async fn idle(&self, limit: Duration) {
        let mut begun = u64::MAX;
        while self.calls.load(Ordering::Relaxed) > 0 || self.begun.load(Ordering::Relaxed) != begun {
            begun = self.begun.load(Ordering::Relaxed);
            sleep(limit).await;
        }
    }

    /// Waits until the client has left something lying from one look to the next: for `limit`, twice that at most. Under pressure it
    /// has less time.
    pub(super) async fn stalled(&self, limit: Duration, pressure: &Pressure) {
        loop {
            let look = self.looks.fetch_add(1, Ordering::Relaxed);
            let hurried = async {
                pressure.0.notified().await;
                sleep(HURRY).await;
            };
            tokio::select! {
                () = sleep(limit) => {}
                () = hurried => {}
            }
            if self.place(look).load(Ordering::Relaxed) > 0 {
                return;
            }
        }
    }

    fn place(&self, look: u64) -> &AtomicUsize {
        &self.untaken[(look % 2) as usize]
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
            let look = self.life.looks.load(Ordering::Relaxed);
            self.life.place(look).fetch_add(1, Ordering::Relaxed);
            self.untaken = Some(look);
        }
    }

    /// All of it was taken.
    pub(super) fn take(&mut self) {
        if let Some(look) = self.untaken.take() {
            self.life.place(look).fetch_sub(1, Ordering::Relaxed);
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
            assert_eq!(life.end(&LIMITS, &Pressure::default()).await, End::Age);
            ends.push(begun.elapsed());
        }
        assert!(ends.iter().all(|end| (900..=1101).contains(&end.as_secs())), "{ends:?}");
        assert!(ends.iter().any(|end| *end != ends[0]), "{ends:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_calls_is_idle() {
        let life = Arc::new(Life::default());
        let begun = Instant::now();
        assert_eq!(life.end(&LIMITS, &Pressure::default()).await, End::Idle);
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
        let lively = async {
            timeout(Duration::from_secs(500), life.stalled(LIMITS.answer, &Pressure::default())).await
        };
        tokio::select! {
            end = lively => assert!(end.is_err(), "everything was taken"),
            () = taking => {}
        }
        left.offer.keep();
        let begun = Instant::now();
        assert_eq!(life.end(&LIMITS, &Pressure::default()).await, End::Stalled);
        assert!((10..=21).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    }
}
