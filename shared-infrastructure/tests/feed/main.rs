//! The feed on a real PostgreSQL: complete and in order, whatever becomes of the transactions that write it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "what was seen, missed and inverted is wanted in figures")]

mod readers;
mod writers;

use std::{collections::BTreeMap, time::Duration};

use local_stack::{TestDatabase, TestPostgres};
use shared_infrastructure::database::{Config, migrations};
use uuid::Uuid;

use readers::{Reader, Seen};
use writers::{Load, write};

async fn migrated() -> TestDatabase {
    let database = TestPostgres::shared().await.unwrap().empty_database().await.unwrap();
    migrations::run_pending(&database.url().parse::<Config>().unwrap()).await.unwrap();
    database
}

/// What is wrong with what a reader saw of orders that have these versions now.
#[derive(Debug, PartialEq, Eq)]
struct Faults {
    missed: usize,
    repeated: usize,
    inverted: usize,
}

fn faults(seen: &[Seen], versions: &BTreeMap<Uuid, i64>) -> Faults {
    let (mut of_orders, mut inverted) = (BTreeMap::<Uuid, Vec<i64>>::new(), 0);
    for (order, version) in seen {
        let of_order = of_orders.entry(*order).or_default();
        inverted += usize::from(of_order.last().is_some_and(|last| last > version));
        of_order.push(*version);
    }
    let (mut missed, mut repeated) = (0, 0);
    for (order, last) in versions {
        let mut of_order = of_orders.remove(order).unwrap_or_default();
        let all = of_order.len();
        of_order.sort_unstable();
        of_order.dedup();
        repeated += all - of_order.len();
        missed += (1..=*last).filter(|version| !of_order.contains(version)).count();
    }
    assert!(of_orders.is_empty(), "what was never committed was seen: {of_orders:?}");
    Faults { missed, repeated, inverted }
}

async fn nothing_is_missed(load: Load) {
    let database = migrated().await;
    let reader = Reader::of_feed(database.url());
    let versions = write(database.url(), load).await;
    let seen = reader.seen().await;
    let found = faults(&seen, &versions);
    println!("events seen: {}, missed: {}, inverted: {}", seen.len(), found.missed, found.inverted);
    assert_eq!(found, Faults { missed: 0, repeated: 0, inverted: 0 });
    assert_eq!(seen.len(), load.commits);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_and_nothing_comes_out_of_order() {
    nothing_is_missed(Load { writers: 64, commits: 5_000, longest: Duration::from_millis(40) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes seven minutes"]
async fn nothing_is_missed_in_a_hundred_thousand_commits() {
    nothing_is_missed(Load { writers: 64, commits: 100_000, longest: Duration::from_millis(500) }).await;
}

/// The load is one in which a reader that goes by position alone loses commits: the tests above can fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_by_position_misses_commits() {
    let database = migrated().await;
    let load = Load { writers: 64, commits: 2_000, longest: Duration::from_millis(40) };
    let reader = Reader::by_position(database.url());
    let versions = write(database.url(), load).await;
    let seen = reader.seen().await;
    assert!(faults(&seen, &versions).missed > 0);
}
