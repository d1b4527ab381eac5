//! The operations listener of a process: it answers whatever the process is at.

use std::{net::SocketAddr, time::Duration};

use local_stack::{Service, Storage, TestDatabase};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinSet, spawn_blocking},
    time::sleep,
};

use crate::{
    outages,
    support::{
        Kind, PlainClients, Sql, Way, commands_at, eventually, migrate, migrated_database, placed,
        service_at, service_with,
    },
};

/// Calls that wait, many more than may.
const CALLS: usize = 64;

/// The status of an answer over HTTP, if there is one.
async fn status(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

/// A port that nobody has, most likely.
async fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// The advisory lock that whoever migrates holds: "ordersmg" as a number.
const MIGRATING: &str = "SELECT pg_advisory_lock(8030591472429657447)";

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_waits_for_a_migration_lives() {
    let (database, operations) = (migrated_database().await, free().await);
    let sql = Sql::connect(&database).await;
    sql.execute(MIGRATING).await;
    let migrating = tokio::spawn(async move {
        let environment = [("OPS_ADDRESS", &*operations.to_string()), ("MIGRATE", "true")];
        (service_with(Service::Command, &database, &environment).await, database)
    });
    eventually("it lives", async || status(operations, "/livez").await == Some(200)).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(status(operations, "/livez").await, Some(200));
    assert_eq!(status(operations, "/readyz").await, Some(503));
    sql.execute("SELECT pg_advisory_unlock_all()").await;
    let _serves = migrating.await.unwrap();
    eventually("it is ready", async || status(operations, "/readyz").await == Some(200)).await;
}

async fn answers_at_all_times(which: Service, database: &TestDatabase, order: &str) {
    let operations = free().await;
    let environment = [
        ("OPS_ADDRESS", &*operations.to_string()),
        ("SHUTDOWN_DELAY", "2s"),
        ("MAX_CONCURRENT_READS", "8"),
        ("MAX_CONCURRENT_COMMANDS", "8"),
        ("DATABASE_LOCK_TIMEOUT", "30s"),
    ];
    let process = service_with(which, database, &environment).await;
    eventually("it is ready", async || status(operations, "/readyz").await == Some(200)).await;

    let sql = Sql::connect(database).await;
    sql.execute("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await;
    let kind = if which == Service::Command { Kind::Note } else { Kind::Get };
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let mut clients = PlainClients::connect(process.address(), process.address()).await;
        let order = order.to_owned();
        calls.spawn(async move { kind.call(&mut clients, &order, Some(Duration::from_secs(20))).await });
    }
    // Those who are refused are answered at once.
    for _ in 0..CALLS - 8 {
        assert!(calls.join_next().await.unwrap().unwrap().is_err(), "{kind:?} waits, or is refused");
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(status(operations, path).await, Some(200), "{path} under overload");
    }
    assert_eq!(status(operations, "/metrics-of-tomorrow").await, Some(404));
    sql.execute("ROLLBACK").await;
    for call in calls.join_all().await {
        call.unwrap();
    }

    let end = tokio::spawn(process.stop(Duration::from_secs(25)));
    eventually("it is not ready any more", async || status(operations, "/readyz").await == Some(503)).await;
    assert_eq!(status(operations, "/livez").await, Some(200), "it lives until it ends");
    assert!(end.await.unwrap().unwrap().success());
    assert_eq!(status(operations, "/livez").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_under_overload_and_while_a_service_ends() {
    let database = migrated_database().await;
    let first = service_with(Service::Command, &database, &[]).await;
    let order = placed(&mut commands_at(first.address()).await).await.name;
    for which in [Service::Command, Service::Query] {
        answers_at_all_times(which, &database, &order).await;
    }
}

/// A restart of the database takes no service away; an outage does, and its end brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_database_is_away_for_long_lives_but_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::Durable(folder.path().to_owned());
    let server = outages::start(&storage).await;
    server.database("orders").await.unwrap();
    let way = Way::to(&server).await;
    let url = way.url("orders");
    migrate(url.clone()).await.unwrap();
    let mut processes = Vec::new();
    for which in [Service::Command, Service::Query] {
        let operations = free().await;
        let process = service_at(which, &url, &[("OPS_ADDRESS", &*operations.to_string())]).await;
        eventually("it is ready", async || status(operations, "/readyz").await == Some(200)).await;
        processes.push((operations, process));
    }

    spawn_blocking(move || server.stop()).await.unwrap();
    sleep(Duration::from_secs(5)).await;
    for (operations, _) in &processes {
        assert_eq!(status(*operations, "/readyz").await, Some(200), "so far it may be a restart");
    }
    sleep(Duration::from_secs(5)).await;
    for (operations, _) in &processes {
        eventually("it is not ready", async || status(*operations, "/readyz").await == Some(503)).await;
        assert_eq!(status(*operations, "/livez").await, Some(200), "a new process would help nobody");
    }

    let server = outages::start(&storage).await;
    way.lead_to(&server);
    for (operations, _) in &processes {
        eventually("it is ready again", async || status(*operations, "/readyz").await == Some(200)).await;
    }
}
