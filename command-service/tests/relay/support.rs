//! What every test needs: a database and a NATS server of its own, a service that takes commands, relays as processes, and a
//! consumer.

mod commands;
mod consumer;
mod process;

use std::{
    collections::BTreeMap,
    fmt::Display,
    time::{Duration, Instant},
};

use local_stack::{NatsOptions, NatsServer, TestDatabase, TestPostgres};
use orders_proto::orders::v1::OrderHistoryEntry;
use prost::Message as _;
use shared_infrastructure::database::migrations;
use tokio::{task::spawn_blocking, time::sleep};
use tokio_postgres::{Client, NoTls, Row};
use uuid::Uuid;

pub(crate) use self::{
    commands::{Commands, Service, note, placed},
    consumer::{Consumer, header, ids_by_order},
    process::Process,
};

/// A database, and a NATS server.
pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) nats: NatsServer,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_nats(NatsOptions::for_tests()).await
    }

    pub(crate) async fn with_nats(options: NatsOptions) -> Self {
        let postgres = TestPostgres::shared().await.unwrap_or_else(|error| panic!("{error}"));
        let migrate = async |url: String| migrations::run_pending(&url.parse()?).await.map(drop);
        let template = postgres.template(migrate).await.unwrap_or_else(|error| panic!("{error}"));
        Self { database: template.database().await.unwrap(), nats: nats(options).await }
    }

    /// `command-service relay`, with these arguments.
    pub(crate) fn relay(&self, arguments: &[&str]) -> Process {
        Process::start(&self.database, &[&["relay", "--nats-url", &self.nats.url()], arguments].concat())
    }

    /// What a subcommand of `command-service relay` prints.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> String {
        process::output(&self.database, &[&["relay"], arguments].concat()).await
    }

    pub(crate) async fn sql(&self) -> Sql {
        Sql::connect(&self.database).await
    }
}

pub(crate) async fn nats(options: NatsOptions) -> NatsServer {
    let started = spawn_blocking(move || NatsServer::start(&options)).await.unwrap();
    started.unwrap_or_else(|error| panic!("{error}"))
}

const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until the answer is yes, and says so; no after a while.
pub(crate) async fn holds_soon(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds().await {
        if start.elapsed() > PATIENCE {
            return false;
        }
        sleep(Duration::from_millis(20)).await;
    }
    true
}

/// Asks until the answer is yes.
pub(crate) async fn eventually(what: impl Display, holds: impl AsyncFnMut() -> bool) {
    assert!(holds_soon(holds).await, "not so after {PATIENCE:?}: {what}");
}

/// The database, past the services.
pub(crate) struct Sql(Client);

impl Sql {
    async fn connect(database: &TestDatabase) -> Self {
        let (client, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    pub(crate) async fn execute(&self, statements: &str) {
        self.0.batch_execute(statements).await.unwrap_or_else(|error| panic!("{error:?}: {statements}"));
    }

    pub(crate) async fn rows(&self, statement: &str) -> Vec<Row> {
        self.0.query(statement, &[]).await.unwrap_or_else(|error| panic!("{error:?}: {statement}"))
    }

    /// The ids of all events that there are, by order, in their order.
    pub(crate) async fn ids_by_order(&self) -> BTreeMap<Uuid, Vec<String>> {
        let mut ids: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for row in
            self.rows("SELECT order_id::text, version, events FROM order_history ORDER BY version").await
        {
            let (order, version): (Uuid, i64) = (row.get::<_, &str>(0).parse().unwrap(), row.get(1));
            let commit = OrderHistoryEntry::decode(row.get::<_, &[u8]>(2)).unwrap();
            let events = (0..commit.events.len()).map(|index| format!("{order}:{version}:{index}"));
            ids.entry(order).or_default().extend(events);
        }
        ids
    }

    /// Who leads, if somebody does.
    pub(crate) async fn leader(&self) -> Option<Uuid> {
        let rows = self.rows("SELECT holder::text FROM leases WHERE expire_time > clock_timestamp()").await;
        rows.first().map(|row| row.get::<_, &str>(0).parse().unwrap())
    }

    /// Waits until another leads than `before`.
    pub(crate) async fn new_leader(&self, before: Option<Uuid>) -> Uuid {
        let mut leader = None;
        eventually("another relay leads", async || {
            leader = self.leader().await.filter(|leader| Some(*leader) != before);
            leader.is_some()
        })
        .await;
        leader.unwrap()
    }
}
