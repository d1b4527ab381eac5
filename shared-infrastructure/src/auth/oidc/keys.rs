//! The keys that count now: kept, fetched anew by one task, and asked for earlier by tokens whose key nobody knows.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    key_set::{KeySet, RSA_BITS},
    source::{Source, SourceError},
};
use crate::config::OidcArgs;

/// How long to wait after the first failure; twice as long after each further one.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// How often to look at a file.
const FILE_INTERVAL: Duration = Duration::from_secs(2);

/// When keys are fetched, and for how long they count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    interval: Duration,
    cooldown: Duration,
    stale_limit: Duration,
}

impl Schedule {
    pub(super) fn new(config: &OidcArgs) -> Self {
        let file = config.oidc_jwks_file.is_some();
        let interval = config.oidc_refresh_interval;
        Self {
            interval: if file { interval.min(FILE_INTERVAL) } else { interval },
            cooldown: config.oidc_refresh_cooldown,
            // Whoever can write the file can also take keys out of it.
            stale_limit: if file { Duration::MAX } else { config.oidc_stale_limit },
        }
    }
}

/// A key is not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The issuer has no key of this id.
    Unknown,
    /// There are no keys that count, or they are those from before and others could not be had.
    Unavailable,
}

/// What is known of the keys.
#[derive(Debug, Clone)]
struct State {
    /// The last ones that could be had, and when.
    keys: Option<(Arc<KeySet>, Instant)>,
    /// How often they were fetched, in vain or not.
    fetches: u64,
    /// When the last fetch began.
    tried: Instant,
    /// Whether it was in vain.
    failing: bool,
}

/// Calls that wait for a fetch at once. Anybody can send a token with a key that nobody knows.
const MOST_WAITING: usize = 128;

/// The keys of an issuer.
#[derive(Debug)]
pub(super) struct Keys {
    state: watch::Receiver<State>,
    wanted: Arc<Notify>,
    waiting: Semaphore,
    schedule: Schedule,
    _task: AbortOnDropHandle<()>,
}

impl Keys {
    /// Begins to fetch the keys.
    pub(super) fn follow(source: Source, schedule: Schedule) -> Self {
        let (publish, state) =
            watch::channel(State { keys: None, fetches: 0, tried: Instant::now(), failing: false });
        let wanted = Arc::new(Notify::new());
        let task = tokio::spawn(follow(source, schedule, publish, Arc::clone(&wanted)));
        let waiting = Semaphore::new(MOST_WAITING);
        Self { state, wanted, waiting, schedule, _task: AbortOnDropHandle::new(task) }
    }

    /// The keys that count, if there are any.
    pub(super) fn current(&self) -> Option<Arc<KeySet>> {
        self.counting(&self.state.borrow())
    }

    /// The keys that count, with one of this id among them. If nobody knows of it, the keys are fetched anew, unless that was done
    /// a moment ago.
    pub(super) async fn with(&self, id: &str) -> Result<Arc<KeySet>, Missing> {
        let seen = self.state.borrow().clone();
        match self.find(&seen, id) {
            Err(_) if seen.fetches == 0 => self.after(0, id).await,
            Err(Missing::Unknown) if seen.tried.elapsed() >= self.schedule.cooldown => {
                self.wanted.notify_one();
                self.after(seen.fetches, id).await
            }
            found => found,
        }
    }

    /// Looks again when there was a fetch after so many. If too many wait for that, there are no keys for this one.
    async fn after(&self, fetches: u64, id: &str) -> Result<Arc<KeySet>, Missing> {
        let _place = self.waiting.try_acquire().map_err(|_| Missing::Unavailable)?;
        let mut state = self.state.clone();
        let next = state.wait_for(|state| state.fetches > fetches).await;
        let next = next.map_err(|_| Missing::Unavailable)?;
        self.find(&next, id)
    }

    fn find(&self, state: &State, id: &str) -> Result<Arc<KeySet>, Missing> {
        let keys = self.counting(state).ok_or(Missing::Unavailable)?;
        match keys.get(id) {
            Some(_) => Ok(keys),
            // The issuer may have changed its keys since they could last be had: the token may be good.
            None if state.failing => Err(Missing::Unavailable),
            None => Err(Missing::Unknown),
        }
    }

    fn counting(&self, state: &State) -> Option<Arc<KeySet>> {
        let (keys, fetched) = state.keys.as_ref()?;
        (fetched.elapsed() <= self.schedule.stale_limit).then(|| Arc::clone(keys))
    }
}

/// Fetches the keys now, then and again, and when they are wanted; one fetch at a time.
async fn follow(source: Source, schedule: Schedule, state: watch::Sender<State>, wanted: Arc<Notify>) {
    let mut failures = 0_u32;
    let mut problem = None;
    loop {
        let tried = Instant::now();
        let fetched = source.keys().await;
        failures = if fetched.is_ok() { 0 } else { failures.saturating_add(1) };
        // Each problem is said once, however often the keys are asked for in vain.
        let now = fetched.as_ref().err().map(ToString::to_string);
        match &now {
            Some(error) if now != problem => tracing::warn!(error, "the issuer's keys could not be read"),
            None if problem.is_some() => tracing::info!("the issuer's keys can be read again"),
            _ => {}
        }
        problem = now;
        state.send_modify(|state| note(state, tried, fetched));
        let pause = if failures == 0 { schedule.interval } else { retry(failures).min(schedule.interval) };
        tokio::select! {
            () = sleep(pause) => {}
            () = wanted_after(&wanted, tried + schedule.cooldown) => {}
        }
    }
}

fn note(state: &mut State, tried: Instant, fetched: Result<KeySet, SourceError>) {
    state.fetches += 1;
    state.tried = tried;
    state.failing = fetched.is_err();
    let Ok(keys) = fetched else { return };
    // Whoever has the keys already goes on with the same ones.
    let known = state.keys.take().map(|(known, _)| known).filter(|known| **known == keys);
    match known {
        None if keys.is_empty() => tracing::warn!(
            "the issuer has no key with an id for RS256 (of {RSA_BITS} bits or more), ES256 or EdDSA: no token is taken"
        ),
        None => tracing::info!("the issuer's keys were read"),
        Some(_) => {}
    }
    state.keys = Some((known.unwrap_or_else(|| Arc::new(keys)), tried));
}

/// Completes when somebody wants the keys, but not before `earliest`.
async fn wanted_after(wanted: &Notify, earliest: Instant) {
    // A wish from before may have been granted by the last fetch.
    sleep_until(earliest).await;
    wanted.notified().await;
}

fn retry(failures: u32) -> Duration {
    FIRST_RETRY.saturating_mul(2_u32.saturating_pow(failures - 1)).min(Duration::from_secs(30))
}
