use std::sync::Mutex as Locked;

use futures_util::future::join_all;
use tokio::{
    sync::Semaphore,
    task::{JoinHandle, yield_now},
};

use super::*;

/// Answers each number with itself, once the gate lets the batch pass or nobody needs it any more, and keeps what was in which
/// batch.
struct Echo {
    gate: Arc<Semaphore>,
    batches: Arc<Locked<Vec<Vec<u128>>>>,
    start: Instant,
}

/// Numbers from this one on are worth it as long as somebody waits.
const AWAITED: u128 = 10_000;

/// Numbers from this one on are worth it for as many milliseconds as they are greater; all below 10,000 for ever.
const TIMED: u128 = 20_000;

/// The number that makes a batch panic.
const POISON: u128 = 99;

impl Work for Echo {
    type Item = u128;
    type Answer = u128;

    /// Numbers that are the same modulo 1000 do not go together.
    fn keys(&self, item: &u128) -> impl Iterator<Item = Uuid> {
        std::iter::once(Uuid::from_u128(item % 1000))
    }

    /// A million weighs as much as 60.
    fn weight(&self, item: &u128) -> usize {
        if *item >= 1_000_000 { 60 } else { 1 }
    }

    fn worth(&self, item: &u128) -> Worth {
        match *item {
            TIMED..30_000 => {
                let millis = u64::try_from(item - TIMED).unwrap();
                Worth::Until(Some(self.start + Duration::from_millis(millis)))
            }
            AWAITED..TIMED => Worth::WhileAwaited,
            _ => Worth::Until(None),
        }
    }

    async fn run(&self, batch: Vec<u128>, worthless: &CancellationToken) -> Vec<u128> {
        self.batches.lock().unwrap().push(batch.clone());
        tokio::select! {
            permit = self.gate.acquire() => permit.unwrap().forget(),
            () = worthless.cancelled() => {}
        }
        assert!(!batch.contains(&POISON), "poison");
        batch
    }
}

struct Bed {
    batcher: Option<Batcher<Echo>>,
    gate: Arc<Semaphore>,
    batches: Arc<Locked<Vec<Vec<u128>>>>,
}

impl Bed {
    fn new(limits: Limits) -> Self {
        let (gate, batches) = (Arc::new(Semaphore::new(0)), Arc::<Locked<Vec<_>>>::default());
        let work = Echo { gate: Arc::clone(&gate), batches: Arc::clone(&batches), start: Instant::now() };
        Self { batcher: Some(Batcher::start(work, limits, &TaskTracker::new())), gate, batches }
    }

    /// Calls with each of the numbers, one after the other, and lets the lanes take what they take.
    async fn call(&self, items: impl IntoIterator<Item = u128>) -> Vec<JoinHandle<Result<u128, NotDone>>> {
        let mut calls = vec![];
        for item in items {
            let batcher = self.batcher.clone().unwrap();
            calls.push(tokio::spawn(async move { batcher.call(item).await }));
            settle().await;
        }
        calls
    }

    fn batches(&self) -> Vec<Vec<u128>> {
        self.batches.lock().unwrap().clone()
    }
}

/// Lets every task run until it waits for something.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

async fn answers(calls: Vec<JoinHandle<Result<u128, NotDone>>>) -> Vec<Result<u128, NotDone>> {
    join_all(calls).await.into_iter().map(Result::unwrap).collect()
}

const ONE_LANE: Limits = Limits { lanes: 1, batch: 100, waiting: 100 };

#[tokio::test(start_paused = true)]
async fn a_lone_call_waits_for_nothing() {
    let bed = Bed::new(ONE_LANE);
    bed.gate.add_permits(1);
    let start = tokio::time::Instant::now();
    assert_eq!(answers(bed.call([1]).await).await, [Ok(1)]);
    // The clock of this test moves only when somebody waits for a timer.
    assert_eq!(start.elapsed(), std::time::Duration::ZERO);
}

#[tokio::test]
async fn what_arrives_while_a_batch_is_under_way_is_the_next_batch() {
    let bed = Bed::new(ONE_LANE);
    let calls = bed.call(1..=20).await;
    assert_eq!(bed.batches(), [vec![1]]);
    bed.gate.add_permits(2);
    assert_eq!(answers(calls).await, (1..=20).map(Ok).collect::<Vec<_>>());
    assert_eq!(bed.batches(), [vec![1], (2..=20).collect()]);
}

#[tokio::test]
async fn a_batch_is_no_larger_than_it_may_be() {
    let bed = Bed::new(Limits { batch: 8, ..ONE_LANE });
    let calls = bed.call(1..=20).await;
    bed.gate.add_permits(20);
    answers(calls).await;
    assert_eq!(bed.batches().iter().map(Vec::len).collect::<Vec<_>>(), [1, 8, 8, 3]);
}

#[tokio::test]
async fn what_is_too_heavy_for_a_batch_is_the_first_of_the_next() {
    let bed = Bed::new(Limits { batch: 50, ..ONE_LANE });
    let calls = bed.call([1, 2, 1_000_003, 4, 5]).await;
    bed.gate.add_permits(20);
    answers(calls).await;
    assert_eq!(bed.batches(), [vec![1], vec![2], vec![1_000_003], vec![4, 5]]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_begins_beside_another_only_if_it_is_full() {
    let bed = Bed::new(Limits { lanes: 2, batch: 4, ..ONE_LANE });
    let mut calls = bed.call(1..=4).await;
    assert_eq!(bed.batches(), [[1]], "one more would make the next one full");
    calls.extend(bed.call(5..=12).await);
    assert_eq!(bed.batches(), [vec![1], vec![2, 3, 4, 5]], "and there is no third lane");
    bed.gate.add_permits(1);
    settle().await;
    assert_eq!(bed.batches()[2..], [[6, 7, 8, 9]]);
    bed.gate.add_permits(3);
    assert_eq!(answers(calls).await, (1..=12).map(Ok).collect::<Vec<_>>());
    assert_eq!(bed.batches()[3..], [[10, 11, 12]]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_not_full_begins_once_no_other_is_under_way() {
    let bed = Bed::new(Limits { lanes: 3, batch: 2, ..ONE_LANE });
    let calls = bed.call(1..=4).await;
    assert_eq!(bed.batches(), [vec![1], vec![2, 3]]);
    bed.gate.add_permits(1);
    settle().await;
    assert_eq!(bed.batches().len(), 2, "one ended, the other did not");
    bed.gate.add_permits(2);
    answers(calls).await;
    assert_eq!(bed.batches()[2..], [[4]]);
}

#[tokio::test(start_paused = true)]
async fn what_is_heavy_fills_a_batch_alone() {
    let bed = Bed::new(Limits { lanes: 2, batch: 60, ..ONE_LANE });
    let calls = bed.call([1, 2, 1_000_003]).await;
    assert_eq!(bed.batches(), [[1], [2]], "with what waits before it");
    bed.gate.add_permits(3);
    answers(calls).await;
    assert_eq!(bed.batches()[2..], [[1_000_003]]);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_full_batch_does_not_when_no_more_can_come() {
    let mut bed = Bed::new(Limits { lanes: 2, ..ONE_LANE });
    let calls = bed.call([1, 2, 3]).await;
    for call in calls {
        call.abort();
    }
    assert_eq!(bed.batches(), [[1]]);
    bed.batcher = None;
    settle().await;
    assert_eq!(bed.batches(), [vec![1], vec![2, 3]]);
    bed.gate.add_permits(2);
    settle().await;
    assert_eq!(Arc::strong_count(&bed.gate), 1, "both lanes have ended");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_hangs_does_not_hold_up_the_others() {
    let bed = Bed::new(Limits { lanes: 2, ..ONE_LANE });
    let calls = bed.call([1, 2, 3]).await;
    tokio::time::sleep(SLOW - Duration::from_millis(5)).await;
    assert_eq!(bed.batches(), [[1]]);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(bed.batches(), [vec![1], vec![2, 3]]);
    bed.gate.add_permits(2);
    answers(calls).await;
}

#[tokio::test(start_paused = true)]
async fn items_that_share_a_key_are_never_under_way_at_the_same_time() {
    let bed = Bed::new(Limits { lanes: 2, batch: 2, ..ONE_LANE });
    let mut calls = bed.call([5, 1005, 2005, 3005, 6]).await;
    tokio::time::sleep(2 * SLOW).await;
    assert_eq!(
        bed.batches(),
        [[5], [6]],
        "what waits for a key makes no batch full, however slow the other is"
    );
    bed.gate.add_permits(2);
    settle().await;
    assert_eq!(bed.batches()[2..], [[1005]]);
    bed.gate.add_permits(4);
    calls.extend(bed.call([7]).await);
    assert!(answers(calls).await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_full_with_as_many_as_may_wait() {
    let bed = Bed::new(Limits { lanes: 2, waiting: 3, ..ONE_LANE });
    let calls = bed.call(1..=4).await;
    assert_eq!(bed.batches(), [vec![1], vec![2, 3, 4]]);
    bed.gate.add_permits(2);
    assert_eq!(answers(calls).await, (1..=4).map(Ok).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_batch_of_which_nothing_is_worth_it_is_none() {
    let bed = Bed::new(ONE_LANE);
    let first = bed.call([1]).await;
    bed.call([AWAITED + 2]).await.remove(0).abort();
    settle().await;
    bed.gate.add_permits(1);
    answers(first).await;
    settle().await;
    assert_eq!(bed.batches(), [[1]]);
    bed.gate.add_permits(1);
    assert_eq!(answers(bed.call([3]).await).await, [Ok(3)]);
}

#[tokio::test]
async fn items_that_share_a_key_never_stand_in_the_same_batch_and_keep_their_order() {
    let bed = Bed::new(Limits { batch: 3, ..ONE_LANE });
    let calls = bed.call([1, 5, 1005, 6, 2005, 7, 8]).await;
    bed.gate.add_permits(10);
    assert!(answers(calls).await.iter().all(Result::is_ok));
    assert_eq!(bed.batches(), [vec![1], vec![5, 6, 7], vec![1005, 8], vec![2005]]);
}

#[tokio::test]
async fn more_than_may_wait_is_refused_at_once() {
    let bed = Bed::new(Limits { waiting: 3, ..ONE_LANE });
    let calls = bed.call(1..=5).await;
    bed.gate.add_permits(2);
    assert_eq!(answers(calls).await, [Ok(1), Ok(2), Ok(3), Ok(4), Err(NotDone::Full)]);
    assert_eq!(bed.batches(), [vec![1], vec![2, 3, 4]]);
    bed.gate.add_permits(1);
    assert_eq!(answers(bed.call([6]).await).await, [Ok(6)], "there is room again");
}

#[tokio::test]
async fn items_that_wait_for_their_key_count_as_waiting() {
    let bed = Bed::new(Limits { waiting: 3, ..ONE_LANE });
    let calls = bed.call([1, 5, 1005, 2005]).await;
    bed.gate.add_permits(1);
    settle().await;
    assert_eq!(bed.batches(), [[1], [5]], "and two are deferred");
    let late = bed.call([6, 7]).await;
    bed.gate.add_permits(3);
    assert_eq!(answers(late).await, [Ok(6), Err(NotDone::Full)]);
    assert!(answers(calls).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn an_item_is_carried_out_without_its_caller() {
    let bed = Bed::new(ONE_LANE);
    let calls = bed.call([1, 2]).await;
    for call in calls {
        call.abort();
    }
    bed.gate.add_permits(2);
    settle().await;
    assert_eq!(bed.batches(), [[1], [2]]);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_begun() {
    let bed = Bed::new(ONE_LANE);
    let mut calls = bed.call([1, AWAITED + 2, AWAITED + 3, AWAITED + 4]).await;
    calls.remove(2).abort();
    settle().await;
    bed.gate.add_permits(2);
    assert_eq!(answers(calls).await, [Ok(1), Ok(AWAITED + 2), Ok(AWAITED + 4)]);
    assert_eq!(bed.batches(), [vec![1], vec![AWAITED + 2, AWAITED + 4]]);
}

#[tokio::test]
async fn what_is_too_late_is_not_begun_and_says_so() {
    let bed = Bed::new(ONE_LANE);
    let calls = bed.call([1, TIMED, 3, TIMED + 9_999]).await;
    bed.gate.add_permits(2);
    assert_eq!(answers(calls).await, [Ok(1), Err(NotDone::Late), Ok(3), Ok(TIMED + 9_999)]);
    assert_eq!(bed.batches(), [vec![1], vec![3, TIMED + 9_999]]);
}

/// One that somebody waits for keeps the others of its batch going.
#[tokio::test]
async fn a_batch_stops_once_none_of_it_is_worth_it() {
    let bed = Bed::new(ONE_LANE);
    let first = bed.call([1]).await;
    let mut calls = bed.call([AWAITED + 2, AWAITED + 3, TIMED + 300]).await;
    bed.gate.add_permits(1);
    answers(first).await;
    calls.remove(0).abort();
    // Its time is up before the other caller leaves: the batch goes on until then.
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(bed.batches().len(), 2);
    assert!(!calls[1].is_finished(), "it goes on");
    calls.remove(0).abort();
    let stopped = tokio::time::timeout(Duration::from_secs(10), answers(calls)).await;
    assert_eq!(stopped.expect("the batch is stopped"), [Ok(TIMED + 300)]);
    assert_eq!(bed.gate.available_permits(), 0);
    bed.gate.add_permits(1);
    assert_eq!(answers(bed.call([5]).await).await, [Ok(5)], "the lane goes on");
}

#[tokio::test]
async fn what_waits_when_the_last_batcher_goes_is_carried_out() {
    let mut bed = Bed::new(ONE_LANE);
    let calls = bed.call([1, 2, 3]).await;
    for call in calls {
        call.abort();
    }
    bed.batcher = None;
    bed.gate.add_permits(10);
    settle().await;
    assert_eq!(bed.batches(), [vec![1], vec![2, 3]]);
    assert_eq!(bed.gate.available_permits(), 8, "and all of it to the end");
    assert_eq!(Arc::strong_count(&bed.gate), 1, "the lane has ended");
}

#[tokio::test]
async fn a_panic_loses_its_batch_and_nothing_else() {
    let bed = Bed::new(Limits { batch: 2, ..ONE_LANE });
    let calls = bed.call([1, 2, POISON, 4, 5]).await;
    bed.gate.add_permits(3);
    let lost = Err(NotDone::Lost);
    assert_eq!(answers(calls).await, [Ok(1), lost, lost, Ok(4), Ok(5)]);
}
