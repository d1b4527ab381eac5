//! Calls that are cut short leave nothing behind, and whoever comes next is served as before.

use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    killed_client::assert_clean,
    support::{Kind, PlainClients, System, placed},
};

const CALLERS: usize = 32;

/// How many calls have to work before and after.
const WHOLE: usize = 1_000;

/// So many calls, cut after 0 to 50 ms: every fourth with its connections, which are reset, the others alone.
async fn cut(system: &System, order: &str, calls: usize) {
    let mut callers = JoinSet::new();
    let (commands, queries) = (system.command_address(), system.query_address());
    for number in 0..CALLERS {
        let order = order.to_owned();
        callers.spawn(async move {
            let mut rng = Rng::with_seed(number as u64);
            let mut clients = PlainClients::connect(commands, queries).await;
            for _ in 0..calls / CALLERS {
                let kind = Kind::ALL[rng.usize(..Kind::ALL.len())];
                let patience = Duration::from_micros(rng.u64(..50_000));
                let call = kind.call(&mut clients, &order, None);
                if timeout(patience, call).await.is_err() && rng.u8(..4) == 0 {
                    clients.reset();
                    clients = PlainClients::connect(commands, queries).await;
                }
            }
        });
    }
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
    cut(&system, &order, calls).await;
    assert_clean(&system, &sql, &order).await;
    let after = whole(&system, &order).await;
    eprintln!("{WHOLE} calls took {before:?} before {calls} were cut, and {after:?} afterwards");
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
