//! Calls that are cut short leave nothing behind, and whoever comes next is served as before.

use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    killed_client::assert_clean,
    support::{Kind, PlainClients, Sql, System, eventually, placed},
};

const CALLERS: usize = 32;

/// How many calls have to work before and after.
const WHOLE: usize = 1_000;

/// Connections to the database that query-service has for calls that read alone.
const POOL: usize = 8;

/// So many calls, those that are not done after 0 to 50 ms cut: every fourth with its connections, which are reset, the others alone.
/// How many were.
async fn cut(system: &System, order: &str, calls: usize) -> usize {
    let mut callers = JoinSet::new();
    let (commands, queries) = (system.command_address(), system.query_address());
    for number in 0..CALLERS {
        let order = order.to_owned();
        callers.spawn(async move {
            let mut rng = Rng::with_seed(number as u64);
            let mut clients = PlainClients::connect(commands, queries).await;
            let mut cut = 0;
            for _ in 0..calls / CALLERS {
                let kind = Kind::ALL[rng.usize(..Kind::ALL.len())];
                let patience = Duration::from_micros(rng.u64(..50_000));
                let call = kind.call(&mut clients, &order, None);
                match timeout(patience, call).await {
                    Ok(answer) => answer.unwrap_or_else(|status| panic!("{kind:?}: {status:?}")),
                    Err(_) => {
                        cut += 1;
                        if rng.u8(..4) == 0 {
                            clients.reset();
                            clients = PlainClients::connect(commands, queries).await;
                        }
                    }
                }
            }
            cut
        });
    }
    callers.join_all().await.into_iter().sum()
}

/// All connections of the pool are there to be lent: as many calls as there are connections get to PostgreSQL, where they wait.
async fn assert_whole_pool(system: &System, sql: &Sql, order: &str) {
    let locker = system.sql().await;
    locker.execute("BEGIN; LOCK TABLE order_history IN ACCESS EXCLUSIVE MODE").await;
    let mut callers = JoinSet::new();
    for _ in 0..POOL {
        let order = order.to_owned();
        let mut clients = PlainClients::connect(system.command_address(), system.query_address()).await;
        callers.spawn(async move { Kind::History.call(&mut clients, &order, None).await.unwrap() });
    }
    eventually("every connection waits for the lock", async || {
        let busy = sql.busy_sessions().await;
        busy.iter().filter(|session| session.contains("query-service |")).count() == POOL
    })
    .await;
    locker.execute("ROLLBACK").await;
    callers.join_all().await;
}

/// How long so many calls take, all of which work.
async fn whole(system: &System, order: &str) -> Duration {
    let mut callers = JoinSet::new();
    let begun = Instant::now();
    for number in 0..CALLERS {
        let order = order.to_owned();
        let mut clients = PlainClients::connect(system.command_address(), system.query_address()).await;
        callers.spawn(async move {
            for call in 0..WHOLE.div_ceil(CALLERS) {
                let kind = Kind::ALL[(number + call) % Kind::ALL.len()];
                let answer = kind.call(&mut clients, &order, None).await;
                answer.unwrap_or_else(|status| panic!("{kind:?}: {status:?}"));
            }
        });
    }
    callers.join_all().await;
    begun.elapsed()
}

async fn leave_nothing_behind(calls: usize) {
    let system = System::start().await;
    let sql = system.sql().await;
    let order = placed(&mut system.commands().await).await.name;
    whole(&system, &order).await;
    let before = whole(&system, &order).await;
    let cut = cut(&system, &order, calls).await;
    assert!(cut > calls / 20, "{cut} of {calls} calls were cut");
    assert_clean(&system, &sql, &order).await;
    assert_whole_pool(&system, &sql, &order).await;
    let after = whole(&system, &order).await;
    eprintln!("{WHOLE} calls took {before:?} before {cut} of {calls} were cut, and {after:?} afterwards");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_cut_at_any_moment_leave_nothing_behind() {
    leave_nothing_behind(1_600).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn twenty_thousand_calls_are_cut() {
    leave_nothing_behind(20_000).await;
}
