//! Batching: what calls want done while a batch is under way forms the next one.
//!
//! Nobody waits for company: where no batch is under way, a lone call starts at once, and batches grow with the load: the longer one
//! takes, the more wait for the next. Another batch begins beside one that is under way if it is full, since many small ones side by
//! side would cost more than they save; or if those that are under way are slow, so that one that hangs does not hold up all. What a batch does, and how one bad member is kept from hurting the others, is the business of [`Work`].
//!
//! What is no longer worth anything to anybody when its turn comes is not begun, and a batch that is of no worth any more may be
//! stopped. What that means, [`Worth`] says.

use std::{
    collections::{HashSet, VecDeque},
    future::Future,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::pending};
use tokio::{
    sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::{sleep, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{call_scope, panic_text::panic_text};

/// How long a batch is under way before anybody asks whether it is still worth it: hardly any takes so long.
const ASK_AFTER: Duration = Duration::from_millis(10);

/// How long ago the last batch began if those that are under way are slow: many times what one takes.
const SLOW: Duration = Duration::from_millis(50);

/// What is done in batches.
pub trait Work: Send + Sync + 'static {
    /// What one call wants done.
    type Item: Send + 'static;
    /// What it gets.
    type Answer: Send + 'static;

    /// What no other item may have that is under way at the same time. An item that shares a key with an earlier one waits for it.
    fn keys(&self, item: &Self::Item) -> impl Iterator<Item = Uuid>;

    /// How much of a batch the item takes up.
    fn weight(&self, item: &Self::Item) -> usize;

    /// How long the item is worth to be carried out.
    fn worth(&self, item: &Self::Item) -> Worth;

    /// Carries out a batch of at least one item: one answer for each, in their order. Once none of them is worth it any more,
    /// `worthless` is cancelled; then it should end soon, in whatever way.
    fn run(
        &self,
        batch: Vec<Self::Item>,
        worthless: &CancellationToken,
    ) -> impl Future<Output = Vec<Self::Answer>> + Send;
}

/// How long an item is worth to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// As long as its caller waits for it.
    WhileAwaited,
    /// Until then, whether or not its caller waits; for ever if there is no such moment.
    Until(Option<Instant>),
}

/// How much is done at once, and how much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Batches under way at a time. Another one begins beside them only if it is full, or they are slow.
    pub lanes: usize,
    /// What the items of a batch weigh together, at most. An item that weighs more has a batch of its own.
    pub batch: usize,
    /// Items waiting for a batch. More are refused.
    pub waiting: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    /// Too many items are waiting. This one was not taken.
    #[error("too many calls are waiting")]
    Full,
    /// The item was not worth it any more when its turn came. It was not carried out.
    #[error("it was too late to begin")]
    Late,
    /// The batch panicked, or the program ends: whether the item was carried out is unknown.
    #[error("the batch was lost")]
    Lost,
}

/// Where calls become batches. Clones share it. Once all of them are dropped, what waits is still carried out.
pub struct Batcher<W: Work> {
    arrivals: mpsc::UnboundedSender<Waiting<W>>,
    room: Arc<Semaphore>,
}

impl<W: Work> Clone for Batcher<W> {
    fn clone(&self) -> Self {
        Self { arrivals: self.arrivals.clone(), room: Arc::clone(&self.room) }
    }
}

struct Waiting<W: Work> {
    item: W::Item,
    answer: oneshot::Sender<Result<W::Answer, NotDone>>,
    /// There is room for another one once the item is in a batch, and until then the call that wants it done is not over.
    room: (OwnedSemaphorePermit, Option<call_scope::Held>),
}

impl<W: Work> Batcher<W> {
    /// Starts the lanes, tasks of `tracker`, each of which carries out one batch after the other.
    #[must_use]
    pub fn start(work: W, limits: Limits, tracker: &TaskTracker) -> Self {
        let (arrivals, arriving) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(Queue { arriving, is_closed: false, deferred: VecDeque::new() }));
        let work = Arc::new(work);
        let under_way = Arc::new(UnderWay::default());
        for _ in 0..limits.lanes {
            tracker.spawn(lane(Arc::clone(&work), Arc::clone(&queue), Arc::clone(&under_way), limits));
        }
        Self { arrivals, room: Arc::new(Semaphore::new(limits.waiting)) }
    }

    /// Has an item carried out in the next batch that it fits in.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn call(&self, item: W::Item) -> Result<W::Answer, NotDone> {
        let permit = Arc::clone(&self.room).try_acquire_owned().map_err(|_| NotDone::Full)?;
        let (answer, answered) = oneshot::channel();
        let room = (permit, call_scope::held());
        self.arrivals.send(Waiting { item, answer, room }).map_err(|_| NotDone::Lost)?;
        answered.await.map_err(|_| NotDone::Lost)?
    }
}

/// Carries out batches until no more can come.
async fn lane<W: Work>(work: Arc<W>, queue: Arc<Mutex<Queue<W>>>, under_way: Arc<UnderWay>, limits: Limits) {
    let full = limits.batch.min(limits.waiting);
    loop {
        let mut queue = queue.lock().await;
        if !queue.is_ready(&*work, full, &under_way).await {
            return;
        }
        let (batch, keys) = queue.next_batch(&*work, limits.batch, under_way.now().keys.clone());
        if batch.is_empty() {
            continue;
        }
        let _place = under_way.enter(keys);
        drop(queue);
        carry_out(&*work, batch).await;
    }
}

/// The batches that are under way.
#[derive(Default)]
struct UnderWay {
    now: std::sync::Mutex<Now>,
    one_ended: Notify,
}

#[derive(Default)]
struct Now {
    batches: usize,
    /// Of all their items.
    keys: HashSet<Uuid>,
    last_began: Option<tokio::time::Instant>,
}

impl UnderWay {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another batch is under way, whose items have these keys, until its place is dropped.
    fn enter(&self, keys: Vec<Uuid>) -> BatchPlace<'_> {
        let mut now = self.now();
        now.batches += 1;
        now.keys.extend(&keys);
        now.last_began = Some(tokio::time::Instant::now());
        BatchPlace { under_way: self, keys }
    }
}

struct BatchPlace<'u> {
    under_way: &'u UnderWay,
    keys: Vec<Uuid>,
}

impl Drop for BatchPlace<'_> {
    fn drop(&mut self) {
        let mut now = self.under_way.now();
        now.batches -= 1;
        for key in &self.keys {
            now.keys.remove(key);
        }
        self.under_way.one_ended.notify_one();
    }
}

/// Has a batch carried out, and answers its callers. A panic is the end of the batch, not of the lane.
async fn carry_out<W: Work>(work: &W, batch: Vec<Waiting<W>>) {
    let begin = |Waiting { item, answer, room }| {
        drop(room);
        let worth = work.worth(&item);
        (item, (worth, answer))
    };
    let (items, mut callers): (Vec<_>, Vec<_>) = batch.into_iter().map(begin).unzip();
    let expected = items.len();
    let done = async {
        let stopped = CancellationToken::new();
        let mut running = pin!(work.run(items, &stopped));
        let done = tokio::select! {
            biased;
            done = &mut running => done,
            () = all_worthless(&mut callers) => {
                stopped.cancel();
                running.await
            }
        };
        assert_eq!(done.len(), expected, "one answer for each item");
        done
    };
    match AssertUnwindSafe(done).catch_unwind().await {
        Ok(done) => {
            for ((_, answer), done) in callers.into_iter().zip(done) {
                let _caller_left = answer.send(Ok(done));
            }
        }
        Err(panic) => tracing::error!(panic = panic_text(&*panic), "a batch was lost"),
    }
}

/// Waits until no item of a batch that is under way is worth it any more: for one after the other, since it takes all of them.
async fn all_worthless<T>(callers: &mut [(Worth, oneshot::Sender<T>)]) {
    sleep(ASK_AFTER).await;
    for (worth, answer) in callers {
        match worth {
            Worth::WhileAwaited => answer.closed().await,
            Worth::Until(Some(end)) => sleep_until((*end).into()).await,
            Worth::Until(None) => pending().await,
        }
    }
}

impl<W: Work> Waiting<W> {
    fn is_worthless(&self, work: &W) -> bool {
        match work.worth(&self.item) {
            Worth::WhileAwaited => self.answer.is_closed(),
            Worth::Until(end) => end.is_some_and(|end| end <= Instant::now()),
        }
    }
}

struct Queue<W: Work> {
    arriving: mpsc::UnboundedReceiver<Waiting<W>>,
    /// No more can come.
    is_closed: bool,
    /// What came and is in no batch yet: the first for the next one.
    deferred: VecDeque<Waiting<W>>,
}

impl<W: Work> Queue<W> {
    /// Waits until a batch may begin; false once none can come any more.
    async fn is_ready(&mut self, work: &W, full: usize, under_way: &UnderWay) -> bool {
        while !(self.is_closed && self.deferred.is_empty()) {
            let (others, mut keys, last_began) = {
                let now = under_way.now();
                (now.batches > 0, now.keys.clone(), now.last_began)
            };
            let enough = if others && !self.is_closed { full } else { 1 };
            let mut weight = 0;
            for waiting in &self.deferred {
                weight += weight_unless_taken(work, &waiting.item, &mut keys);
            }
            let mut slow = pin!(sleep_until(last_began.unwrap_or_else(tokio::time::Instant::now) + SLOW));
            while weight < enough {
                tokio::select! {
                    biased;
                    () = under_way.one_ended.notified() => break,
                    next = self.arriving.recv(), if !self.is_closed => match next {
                        Some(waiting) => {
                            weight += weight_unless_taken(work, &waiting.item, &mut keys);
                            self.deferred.push_back(waiting);
                        }
                        None => {
                            self.is_closed = true;
                            break;
                        }
                    },
                    () = &mut slow, if others && weight > 0 => return true,
                }
            }
            if weight >= enough {
                return true;
            }
        }
        false
    }

    /// What there is for a batch, and its keys: none of those that are `taken`.
    fn next_batch(
        &mut self,
        work: &W,
        most: usize,
        mut taken: HashSet<Uuid>,
    ) -> (Vec<Waiting<W>>, Vec<Uuid>) {
        let (mut batch, mut weight) = (vec![], 0);
        let mut own = vec![];
        let mut earlier = std::mem::take(&mut self.deferred);
        while weight < most {
            let Some(waiting) = earlier.pop_front().or_else(|| self.arriving.try_recv().ok()) else { break };
            if waiting.is_worthless(work) {
                let _caller_left = waiting.answer.send(Err(NotDone::Late));
                continue;
            }
            let keys: Vec<_> = work.keys(&waiting.item).collect();
            let heavier = weight + work.weight(&waiting.item);
            if keys.iter().any(|key| taken.contains(key)) {
                taken.extend(keys);
                self.deferred.push_back(waiting);
            } else if heavier > most && !batch.is_empty() {
                self.deferred.push_back(waiting);
                break;
            } else {
                taken.extend(&keys);
                own.extend(keys);
                weight = heavier;
                batch.push(waiting);
            }
        }
        self.deferred.append(&mut earlier);
        (batch, own)
    }
}

/// How much of a batch an item takes up, at least 1; 0 if it has to wait for another one that has a key of its own. Either way its keys
/// are taken from then on.
fn weight_unless_taken<W: Work>(work: &W, item: &W::Item, taken: &mut HashSet<Uuid>) -> usize {
    let waits = work.keys(item).any(|key| taken.contains(&key));
    taken.extend(work.keys(item));
    if waits { 0 } else { work.weight(item).max(1) }
}

#[cfg(test)]
mod tests;
