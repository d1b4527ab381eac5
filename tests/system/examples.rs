//! The Python examples, as their users run them: killed at any moment, they lose nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use local_stack::{Broker, Database, NatsOptions, Stack, StackOptions};
use orders_proto::orders::v1::{AddOrderNoteRequest, NoteVisibility};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::sleep,
};

use crate::support::{Commands, commands_at, eventually, migrated_database, placed, request_id};

const ORDERS: usize = 6;
const NOTES: usize = 15;
const KILLS: usize = 3;

/// A script of `examples/python`, with a folder of its own, and all that it ever printed.
struct Example {
    script: &'static str,
    arguments: Vec<String>,
    folder: TempDir,
}

impl Example {
    fn new(script: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { script, arguments, folder: TempDir::new().unwrap() }
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    fn start(&self) -> Child {
        let open = |name| {
            fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join(name)).unwrap()
        };
        Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/run"))
            .arg(self.script)
            .args(&self.arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(open("output"))
            .stderr(open("errors"))
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// What it printed, line by line, without a line that a kill cut off.
    fn lines(&self) -> Vec<serde_json::Value> {
        let output = fs::read_to_string(self.output()).unwrap_or_default();
        output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Kills it a few times while work goes on, and leaves it running.
    async fn run_through_kills(&self) -> Child {
        let mut running = self.start();
        for _ in 0..KILLS {
            eventually(format!("{} prints something: {}", self.script, self.errors()), async || {
                !self.lines().is_empty()
            })
            .await;
            sleep(Duration::from_millis(400)).await;
            running.kill().await.unwrap();
            running = self.start();
        }
        running
    }

    fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default()
    }
}

/// Places orders and writes notes to them, with pauses.
async fn work(mut commands: Commands) -> BTreeSet<String> {
    let mut orders = vec![];
    for _ in 0..ORDERS {
        orders.push(placed(&mut commands).await.name);
    }
    for note in 0..NOTES {
        for order in &orders {
            let request = AddOrderNoteRequest {
                name: order.clone(),
                request_id: request_id(),
                text: format!("note {note}"),
                visibility: NoteVisibility::Internal.into(),
                ..AddOrderNoteRequest::default()
            };
            commands.add_order_note(request).await.unwrap();
        }
        sleep(Duration::from_millis(200)).await;
    }
    orders.into_iter().collect()
}

async fn stack() -> (Stack, local_stack::TestDatabase) {
    let database = migrated_database().await;
    let options = StackOptions {
        database: Database::Shared(database.logins()),
        broker: Broker::Started(NatsOptions::for_tests()),
        ..StackOptions::for_tests()
    };
    (Stack::start(&options).await.unwrap_or_else(|error| panic!("{error}")), database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_orders_over_grpc_sees_every_version_in_order() {
    let (stack, _database) = stack().await;
    let working = tokio::spawn(work(commands_at(stack.command_address()).await));
    let example = Example::new("follow_orders.py", &["--address", &stack.query_address().to_string()]);
    let _running = example.run_through_kills().await;
    let orders = working.await.unwrap();

    let versions = || {
        let mut versions: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for line in example.lines() {
            let (order, version) = (line["order"].as_str().unwrap(), line["version"].as_i64().unwrap());
            let of_order = versions.entry(order.to_owned()).or_default();
            // Killed between printing and noting that it did, it prints once more.
            if of_order.last() != Some(&version) {
                of_order.push(version);
            }
        }
        versions
    };
    let last = i64::try_from(NOTES).unwrap() + 1;
    eventually(format!("all is printed: {}", example.errors()), async || {
        let versions = versions();
        orders.iter().all(|order| versions.get(order).is_some_and(|seen| seen.last() == Some(&last)))
    })
    .await;
    for (order, seen) in versions() {
        let first = seen[0];
        assert_eq!(
            seen,
            (first..=last).collect::<Vec<_>>(),
            "{order}: from what it began with, each version"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_consumes_events_from_the_broker_deals_with_each_once() {
    let (stack, _database) = stack().await;
    let working = tokio::spawn(work(commands_at(stack.command_address()).await));
    let example = Example::new("consume_events.py", &["--server", stack.nats_url().unwrap()]);
    let mut running = example.run_through_kills().await;
    let orders = working.await.unwrap();

    let expected: BTreeSet<_> = orders
        .iter()
        .map(|order| order.trim_start_matches("orders/"))
        .flat_map(|order| {
            let of_creation = (0..2).map(move |index| format!("{order}:1:{index}"));
            of_creation.chain((2..NOTES + 2).map(move |version| format!("{order}:{version}:0")))
        })
        .collect();
    eventually(format!("all is dealt with: {}", example.errors()), async || {
        dealt_with(&example).await.len() == expected.len()
    })
    .await;
    assert_eq!(dealt_with(&example).await, expected);
    let printed: Vec<_> =
        example.lines().iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(printed.iter().collect::<BTreeSet<_>>().len(), printed.len(), "nothing is printed twice");
    running.kill().await.unwrap();
}

/// The ids of the events in the consumer's database.
async fn dealt_with(example: &Example) -> BTreeSet<String> {
    const READ: &str = "import sqlite3; print(*(row[0] for row in sqlite3.connect('events.sqlite').execute('SELECT id FROM events')))";
    let read =
        Command::new("python3").args(["-c", READ]).current_dir(example.folder.path()).output().await.unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}
