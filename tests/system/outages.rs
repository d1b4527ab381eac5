//! A database that is away, or hangs: calls end in time and say what is the matter, and afterwards everything works again.

use std::{
    collections::BTreeMap,
    process::Command,
    time::{Duration, Instant},
};

use local_stack::{Durability, PostgresOptions, PostgresServer, Service, Storage};
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::support::{
    Commands, Kind, PlainClients, Sql, Way, channel, eventually, migrate, placed, reason, service_at,
};

/// The deadline of the calls.
const DEADLINE: Duration = Duration::from_secs(3);

/// How much later than that an answer may arrive, on a machine that is busy.
const SLACK: Duration = Duration::from_secs(4);

/// How soon everything has to work again, on a machine that is busy; the promise is 3 s.
const RECOVERY: Duration = Duration::from_secs(30);

/// What calls may be told while the database goes or comes.
const IN_TRANSIT: [&str; 3] = ["DATABASE_UNAVAILABLE", "OUTCOME_UNKNOWN", "DEADLINE_EXCEEDED"];

/// A call that was made.
struct Call {
    kind: Kind,
    begun: Instant,
    ended: Instant,
    failure: Option<Status>,
}

/// Calls of every kind, one after the other, until told to stop.
async fn keep_calling(mut clients: PlainClients, order: String, stop: CancellationToken) -> Vec<Call> {
    let mut calls = Vec::new();
    for kind in Kind::ALL.into_iter().cycle() {
        if stop.is_cancelled() {
            break;
        }
        let begun = Instant::now();
        let failure = kind.call(&mut clients, &order, Some(DEADLINE)).await.err();
        calls.push(Call { kind, begun, ended: Instant::now(), failure });
        sleep(Duration::from_millis(10)).await;
    }
    calls
}

/// A server that keeps what is in it when it stops.
pub(crate) async fn start(storage: &Storage) -> PostgresServer {
    let (storage, durability) = (storage.clone(), Durability::None);
    let options = PostgresOptions { storage, durability, settings: vec![] };
    spawn_blocking(move || PostgresServer::start(&options)).await.unwrap().unwrap()
}

/// What went wrong with the calls that begun and ended in between, by kind of call and reason.
fn failures(calls: &[Call], from: Instant, until: Instant) -> BTreeMap<(Kind, String), usize> {
    let mut failures = BTreeMap::new();
    for call in calls.iter().filter(|call| call.begun >= from && call.ended <= until) {
        let told = call.failure.as_ref().map_or_else(|| "OK".to_owned(), reason);
        *failures.entry((call.kind, told)).or_default() += 1;
    }
    failures
}

/// How long after `back` the last call began that failed.
fn recovery(calls: &[Call], back: Instant) -> Duration {
    let failed = calls.iter().filter(|call| call.failure.is_some());
    failed.map(|call| call.begun.saturating_duration_since(back)).max().unwrap_or_default()
}

fn latest(calls: &[Call]) -> Duration {
    calls.iter().map(|call| call.ended - call.begun).max().unwrap_or_default()
}

/// A server that is gone for so long.
async fn down(outage: Duration) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::Durable(folder.path().to_owned());
    let mut server = start(&storage).await;
    server.database("orders").await.unwrap();
    let way = Way::to(&server).await;
    let url = way.url("orders");
    migrate(url.clone()).await.unwrap();
    let writing = service_at(Service::Command, &url, &[]).await;
    let reading = service_at(Service::Query, &url, &[]).await;
    let order = placed(&mut Commands::new(channel(writing.address()).await)).await.name;

    let stop = CancellationToken::new();
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let clients = PlainClients::connect(writing.address(), reading.address()).await;
        callers.spawn(keep_calling(clients, order.clone(), stop.clone()));
    }
    sleep(Duration::from_secs(1)).await;
    spawn_blocking(move || server.stop()).await.unwrap();
    let gone = Instant::now();
    sleep(outage).await;
    let still_gone = Instant::now();
    server = start(&storage).await;
    way.lead_to(&server);
    let back = Instant::now();
    let mut clients = PlainClients::connect(writing.address(), reading.address()).await;
    for kind in Kind::ALL {
        eventually(format!("{kind:?} works again"), async || {
            kind.call(&mut clients, &order, Some(DEADLINE)).await.is_ok()
        })
        .await;
    }
    sleep(Duration::from_secs(1)).await;
    stop.cancel();
    let calls: Vec<_> = callers.join_all().await.into_iter().flatten().collect();

    let failures = failures(&calls, gone, still_gone);
    eprintln!("while PostgreSQL was down for {outage:?}: {failures:?}");
    eprintln!(
        "the longest call took {:?}; all worked {:?} after it was back",
        latest(&calls),
        recovery(&calls, back)
    );
    eprintln!("afterwards: {:?}", self::failures(&calls, back, Instant::now()));
    assert!(latest(&calls) < DEADLINE + SLACK);
    let all_along = calls.iter().filter_map(|call| call.failure.as_ref()).map(reason);
    let others: Vec<_> = all_along.filter(|told| !IN_TRANSIT.contains(&told.as_str())).collect();
    assert!(others.is_empty(), "while it went or came: {others:?}");
    for kind in Kind::ALL {
        let only = (kind, "DATABASE_UNAVAILABLE".to_owned());
        assert!(failures.contains_key(&only), "{kind:?} was not tried: {failures:?}");
    }
    assert!(failures.keys().all(|(_, told)| told == "DATABASE_UNAVAILABLE"), "{failures:?}");
    assert!(recovery(&calls, back) < RECOVERY);
}

/// Sends a signal to PostgreSQL as a whole: to each of its processes that serves somebody, and to the one that takes connections.
async fn signal(signal: &str, processes: &[String]) {
    let status = Command::new("kill").arg(signal).args(processes).status().unwrap();
    assert!(status.success(), "kill {signal} {processes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_unavailable_and_nothing_else() {
    down(Duration::from_secs(3)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes more than a minute"]
async fn a_database_that_is_down_for_a_minute() {
    down(Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_hangs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(&Storage::Durable(folder.path().to_owned())).await;
    let url = server.database("orders").await.unwrap();
    migrate(url.clone()).await.unwrap();
    let brief = [("DEFAULT_DEADLINE", "1500ms")];
    let writing = service_at(Service::Command, &url, &brief).await;
    let reading = service_at(Service::Query, &url, &brief).await;
    let order = placed(&mut Commands::new(channel(writing.address()).await)).await.name;
    let sql = Sql::open(&url).await;
    let sessions = "SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    let mut processes: Vec<String> = sql.rows(sessions).await.iter().map(|row| row.get(0)).collect();
    processes.push(server.pid().to_string());

    signal("-STOP", &processes).await;
    let mut callers = JoinSet::new();
    for kind in Kind::ALL {
        for deadline in [None, Some(Duration::from_millis(300))] {
            let mut clients = PlainClients::connect(writing.address(), reading.address()).await;
            let order = order.clone();
            callers.spawn(async move {
                let begun = Instant::now();
                let failure = kind.call(&mut clients, &order, deadline).await.unwrap_err();
                (kind, deadline, failure, begun.elapsed())
            });
        }
    }
    let answers = callers.join_all().await;
    signal("-CONT", &processes).await;
    for (kind, deadline, failure, took) in answers {
        assert_eq!(failure.code(), Code::DeadlineExceeded, "{kind:?}: {failure:?}");
        let limit = deadline.unwrap_or(Duration::from_millis(1500));
        assert!(took < limit + SLACK, "{kind:?} took {took:?}, at most {limit:?}");
    }
    let back = Instant::now();
    let mut clients = PlainClients::connect(writing.address(), reading.address()).await;
    for kind in Kind::ALL {
        eventually(format!("{kind:?} works again"), async || {
            kind.call(&mut clients, &order, Some(DEADLINE)).await.is_ok()
        })
        .await;
    }
    eprintln!("all worked {:?} after PostgreSQL went on", back.elapsed());
}
