//! You read what you wrote: with the token of a commit, no read tells of anything older, wherever it comes from.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use orders_proto::orders::v1::Order;
use tokio::time::sleep;

use crate::support::{Cluster, READS, Service, changed, order};

/// How far the standby is behind.
const DELAY: Duration = Duration::from_secs(2);
const READERS: usize = 8;

/// What came of a run.
#[derive(Debug, Default)]
struct Counts {
    reads: AtomicUsize,
    stale: AtomicUsize,
    failed: AtomicUsize,
    /// Reads with a token that the standby knew.
    old: AtomicUsize,
}

/// What was committed, with its token, and when.
type Commits = Arc<Mutex<Vec<(Order, String, Instant)>>>;

/// Commits on and on, each with its token.
async fn write(service: Arc<Service>, commits: Commits, done: Arc<AtomicBool>) {
    let mut orders: Vec<_> = (0..20).map(|_| order()).collect();
    service.commit_all(&orders).await;
    for at in (0..orders.len()).cycle() {
        let next = changed(&orders[at], |_| {});
        service.execute("BEGIN").await;
        service.commit(&next).await;
        service.execute("COMMIT").await;
        let token = service.token(&next).await;
        commits.lock().unwrap().push((next.clone(), token, Instant::now()));
        orders[at] = next;
        if done.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Reads the orders of commits, by turns the newest one and one of any age, with the token of this or of a later commit.
async fn read(service: Arc<Service>, commits: Commits, counts: Arc<Counts>, first: usize, reads: usize) {
    let mut client = service.client();
    for turn in first..first + reads {
        let (order, token, is_old) = {
            let commits = commits.lock().unwrap();
            let newest = commits.len() - 1;
            let at = if turn % 2 == 0 { newest } else { turn * 7919 % commits.len() };
            // Which one commits later has the later transaction.
            let with = if turn % 3 == 0 { at } else { (at + turn % 5).min(newest) };
            (commits[at].0.clone(), commits[with].1.clone(), commits[with].2.elapsed() > DELAY + DELAY / 4)
        };
        let read = READS[turn % READS.len()];
        match read.is_new(&mut client, &order, &token, None).await {
            Ok((true, _)) => {}
            Ok((false, _)) => {
                counts.stale.fetch_add(1, Ordering::Relaxed);
                eprintln!("{read:?} of {} at {} is stale", order.name, order.version);
            }
            Err(status) => {
                counts.failed.fetch_add(1, Ordering::Relaxed);
                eprintln!("{read:?} failed: {status:?}");
            }
        }
        counts.old.fetch_add(usize::from(is_old), Ordering::Relaxed);
        counts.reads.fetch_add(1, Ordering::Relaxed);
    }
}

/// Reads so often, by several readers, while somebody writes.
async fn run(reads: usize) -> Arc<Counts> {
    let cluster = Cluster::start(DELAY).await;
    let service = Arc::new(cluster.service().await);
    let (commits, done) = (Commits::default(), Arc::new(AtomicBool::new(false)));
    let writer = tokio::spawn(write(Arc::clone(&service), Arc::clone(&commits), Arc::clone(&done)));
    // Until there are commits that the standby has.
    sleep(DELAY * 2).await;
    let counts = Arc::new(Counts::default());
    let each = reads / READERS;
    let readers = (0..READERS).map(|reader| {
        let (service, commits, counts) = (Arc::clone(&service), Arc::clone(&commits), Arc::clone(&counts));
        tokio::spawn(read(service, commits, counts, reader * each, each))
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn no_read_with_a_token_is_stale() {
    let counts = run(1_000).await;
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    assert_eq!((count(&counts.reads), count(&counts.stale), count(&counts.failed)), (1_000, 0, 0));
    assert!(count(&counts.old) > 100, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute; prints what it counted"]
async fn no_read_with_a_token_is_stale_in_ten_thousand() {
    let counts = run(10_000).await;
    println!("a standby 2 s behind: {counts:?}");
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    assert_eq!((count(&counts.reads), count(&counts.stale), count(&counts.failed)), (10_000, 0, 0));
}
