//! Batching: what calls want done while a batch is under way forms the next one.
//!
//! There is no timer. A lone call starts at once, and batches grow with the load: the longer a batch takes, the more wait for
//! the next. What a batch does, and how one bad member is kept from hurting the others, is the business of [`Work`].
//!
//! An item that was taken is carried out, whether or not its caller still waits.

use std::{
    collections::{HashSet, VecDeque},
    future::Future,
    panic::AssertUnwindSafe,
    sync::Arc,
};

use futures_util::FutureExt;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::panic_text::panic_text;

/// What is done in batches.
pub trait Work: Send + Sync + 'static {
    /// What one call wants done.
    type Item: Send + 'static;
    /// What it gets.
    type Answer: Send + 'static;

    /// What no other item of the same batch may have. An item that shares a key with an earlier one waits for the next batch.
    fn keys(&self, item: &Self::Item) -> impl Iterator<Item = Uuid>;

    /// How much of a batch the item takes up.
    fn weight(&self, item: &Self::Item) -> usize;

    /// Carries out a batch of at least one item: one answer for each, in their order.
    fn run(&self, batch: Vec<Self::Item>) -> impl Future<Output = Vec<Self::Answer>> + Send;
}

/// How much is done at once, and how much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Batches under way at a time.
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
    answer: oneshot::Sender<W::Answer>,
    /// There is room for another one once the item is in a batch.
    permit: OwnedSemaphorePermit,
}

impl<W: Work> Batcher<W> {
    /// Starts the lanes, tasks of `tracker`, each of which carries out one batch after the other.
    #[must_use]
    pub fn start(work: W, limits: Limits, tracker: &TaskTracker) -> Self {
        let (arrivals, arriving) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(Queue { arriving, deferred: VecDeque::new() }));
        let work = Arc::new(work);
        for _ in 0..limits.lanes {
            tracker.spawn(lane(Arc::clone(&work), Arc::clone(&queue), limits.batch));
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
        self.arrivals.send(Waiting { item, answer, permit }).map_err(|_| NotDone::Lost)?;
        answered.await.map_err(|_| NotDone::Lost)
    }
}

/// Carries out batches until no more can come.
async fn lane<W: Work>(work: Arc<W>, queue: Arc<Mutex<Queue<W>>>, most: usize) {
    loop {
        let batch = queue.lock().await.next_batch(&*work, most).await;
        if batch.is_empty() {
            return;
        }
        let begin = |Waiting { item, answer, permit }| {
            drop(permit);
            (item, answer)
        };
        let (items, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(begin).unzip();
        let work = async {
            let done = work.run(items).await;
            assert_eq!(done.len(), answers.len(), "one answer for each item");
            done
        };
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(done) => {
                for (answer, done) in answers.into_iter().zip(done) {
                    let _caller_left = answer.send(done);
                }
            }
            Err(panic) => tracing::error!(panic = panic_text(&*panic), "a batch was lost"),
        }
    }
}

struct Queue<W: Work> {
    arriving: mpsc::UnboundedReceiver<Waiting<W>>,
    /// What could not be in the last batch: the first for the next one.
    deferred: VecDeque<Waiting<W>>,
}

impl<W: Work> Queue<W> {
    /// Waits for an item, and takes along what else is there; nothing once no more can come.
    async fn next_batch(&mut self, work: &W, most: usize) -> Vec<Waiting<W>> {
        let (mut batch, mut weight) = (vec![], 0);
        let mut taken = HashSet::new();
        let mut earlier = std::mem::take(&mut self.deferred);
        while weight < most {
            let next = match earlier.pop_front() {
                Some(waiting) => Some(waiting),
                None if batch.is_empty() => self.arriving.recv().await,
                None => self.arriving.try_recv().ok(),
            };
            let Some(waiting) = next else { break };
            let keys: Vec<_> = work.keys(&waiting.item).collect();
            let heavier = weight + work.weight(&waiting.item);
            if keys.iter().any(|key| taken.contains(key)) {
                self.deferred.push_back(waiting);
            } else if heavier > most && !batch.is_empty() {
                self.deferred.push_back(waiting);
                break;
            } else {
                taken.extend(keys);
                weight = heavier;
                batch.push(waiting);
            }
        }
        self.deferred.append(&mut earlier);
        batch
    }
}

#[cfg(test)]
mod tests;
