//! Deadlines reach the database: while PostgreSQL stalls, every call ends when its time is up, and so does its statement.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use fastrand::Rng;
use local_stack::Service;
use tokio::{task::JoinSet, time::sleep};
use tonic::{Code, Status};

use crate::support::{
    Commands, Kind, PlainClients, Sql, channel, eventually, migrated_database, placed, reason, service_with,
};

/// How many calls are under way at a time.
const CALLERS: usize = 64;

/// What stalls, and which calls it stalls.
struct Stall {
    begin: &'static str,
    end: &'static str,
    kinds: &'static [Kind],
}

/// Whoever wants to read orders waits, and so whoever wants to change one.
const LOCKED: Stall = Stall {
    begin: "BEGIN; LOCK TABLE orders, order_history IN ACCESS EXCLUSIVE MODE",
    end: "ROLLBACK",
    kinds: &[
        Kind::Get,
        Kind::Lookup,
        Kind::List,
        Kind::PageOfCustomer,
        Kind::History,
        Kind::Search,
        Kind::Note,
    ],
};

/// Whoever wants to commit waits, in the middle of the statement.
const SLOW_COMMITS: Stall = Stall {
    begin: "CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END';
        CREATE TRIGGER take_long AFTER INSERT ON order_history FOR EACH ROW EXECUTE FUNCTION take_long()",
    end: "DROP FUNCTION take_long CASCADE",
    kinds: &[Kind::Create, Kind::Note],
};

/// Nothing but a deadline ends a statement while a test runs.
const PATIENT: &[(&str, &str)] =
    &[("DATABASE_STATEMENT_TIMEOUT", "5m"), ("DATABASE_LOCK_TIMEOUT", "5m"), ("DEFAULT_DEADLINE", "200ms")];

/// How soon a statement has to be gone, on a machine that is busy; the promise is 250 ms.
const SOON: Duration = Duration::from_secs(5);

/// How a call went.
struct Answer {
    kind: Kind,
    /// How long after its deadline it came.
    late: Duration,
    status: Option<Status>,
}

/// The deadline of calls whose clients set none.
const DEFAULT: Duration = Duration::from_millis(200);

/// Calls with a deadline in 1 to 200 ms; one in four leaves it to the service.
async fn call(clients: &mut PlainClients, kind: Kind, order: &str, rng: &mut Rng) -> Answer {
    let asked = (rng.u8(..4) > 0).then(|| Duration::from_micros(rng.u64(1_000..200_000)));
    let timeout = asked.unwrap_or(DEFAULT);
    let begun = Instant::now();
    let status = kind.call(clients, order, asked).await.err();
    Answer { kind, late: begun.elapsed().saturating_sub(timeout), status }
}

/// How many statements of calls PostgreSQL is at.
async fn alive(sql: &Sql) -> usize {
    let of_calls = |session: &&String| session.contains("-service |");
    sql.busy_sessions().await.iter().filter(of_calls).count()
}

/// So many calls, while PostgreSQL stalls.
async fn calls_end_in_time(stall: &Stall, calls: usize) {
    let database = migrated_database().await;
    let (sql, staller) = (Sql::connect(&database).await, Sql::connect(&database).await);
    let writing = service_with(Service::Command, &database, PATIENT).await;
    let reading = service_with(Service::Query, &database, PATIENT).await;
    let addresses = (writing.address(), reading.address());
    let order = placed(&mut Commands::new(channel(addresses.0).await)).await.name;
    staller.execute(stall.begin).await;

    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let (order, kinds) = (order.clone(), stall.kinds);
        let mut clients = PlainClients::connect(addresses.0, addresses.1).await;
        callers.spawn(async move {
            let mut rng = Rng::with_seed(number as u64);
            let mut answers = Vec::new();
            for _ in 0..calls / CALLERS {
                let kind = kinds[rng.usize(..kinds.len())];
                answers.push(call(&mut clients, kind, &order, &mut rng).await);
            }
            answers
        });
    }
    let answers: Vec<_> = callers.join_all().await.into_iter().flatten().collect();

    let last = Instant::now();
    eventually("no statement is alive", async || alive(&sql).await == 0).await;
    let quiet = last.elapsed();
    assert!(quiet < SOON, "the last statement was gone after {quiet:?}");
    let mut codes: BTreeMap<_, usize> = BTreeMap::new();
    for Answer { kind, status, .. } in &answers {
        let told = status.as_ref().map(|status| (format!("{:?}", status.code()), reason(status)));
        *codes.entry((*kind, told)).or_default() += 1;
    }
    let latest = answers.iter().map(|answer| answer.late).max().unwrap();
    eprintln!("{} calls: {codes:?}", answers.len());
    eprintln!(
        "the latest answer came {latest:?} after its deadline, the last statement was gone after {quiet:?}"
    );
    let expired = |answer: &&Answer| {
        answer.status.as_ref().is_some_and(|status| status.code() == Code::DeadlineExceeded)
    };
    assert_eq!(answers.iter().filter(expired).count(), answers.len(), "{codes:?}");

    staller.execute(stall.end).await;
    let (begun, mut clients) = (Instant::now(), PlainClients::connect(addresses.0, addresses.1).await);
    for kind in [Kind::Get, Kind::List, Kind::PageOfCustomer, Kind::Note, Kind::Create] {
        let answer = kind.call(&mut clients, &order, Some(Duration::from_secs(20))).await;
        answer.unwrap_or_else(|status| panic!("{kind:?} afterwards: {status:?}"));
    }
    eprintln!("five calls afterwards took {:?}", begun.elapsed());
    // What was not begun by its deadline is never done.
    let commits = "SELECT count(*) FROM order_history";
    let committed = sql.number(commits).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(sql.number(commits).await, committed, "commits go on that nobody waits for");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_tables_are_locked() {
    calls_end_in_time(&LOCKED, 1_280).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_commits_take_long() {
    calls_end_in_time(&SLOW_COMMITS, 1_280).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn ten_thousand_calls() {
    calls_end_in_time(&LOCKED, 10_048).await;
    calls_end_in_time(&SLOW_COMMITS, 10_048).await;
}
