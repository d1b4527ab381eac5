//! Clients that go away in mid-call leave nothing behind: no open transaction, no lock, no lost connection.

use std::{
    env,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fastrand::Rng;
use orders_proto::orders::v1::{AddOrderNoteRequest, CreateOrderRequest, GetOrderRequest, NoteVisibility};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    books,
    support::{Commands, Queries, Sql, System, cart, channel, eventually, placed, request_id},
};

/// Where the services are and which order there is: for this test program as a client in a process of its own.
const CLIENT: &str = "ORDERS_TEST_CLIENT";

/// A client in a process of its own, calling without end.
struct ClientProcess(Child);

impl ClientProcess {
    fn start(system: &System, order: &str) -> Self {
        let target = format!("{} {} {order}", system.command_address(), system.query_address());
        let client = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed_client::client", "--ignored"])
            .env(CLIENT, target)
            .stdout(Stdio::null())
            .spawn();
        Self(client.unwrap())
    }

    /// As `kill -9` does.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not a test: the client that others start and kill"]
async fn client() {
    let Ok(target) = env::var(CLIENT) else { return };
    let [commands, queries, order] = target.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let commands = Commands::new(channel(commands.parse().unwrap()).await);
    let queries = Queries::new(channel(queries.parse().unwrap()).await);
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let (commands, queries, order) = (commands.clone(), queries.clone(), order.to_owned());
        callers.spawn(async move {
            loop {
                call(&mut commands.clone(), &mut queries.clone(), &order).await;
            }
        });
    }
    callers.join_all().await;
}

/// Creates an order, adds to one that others add to, and reads. Nobody is interested in the answers.
async fn call(commands: &mut Commands, queries: &mut Queries, order: &str) {
    let create = CreateOrderRequest {
        order: Some(cart()),
        place: true,
        request_id: request_id(),
        ..CreateOrderRequest::default()
    };
    let _not_of_interest = commands.create_order(create).await;
    let _not_of_interest = commands.add_order_note(note(order)).await;
    let read = GetOrderRequest { name: order.to_owned(), ..GetOrderRequest::default() };
    let _not_of_interest = queries.get_order(read).await;
}

fn note(order: &str) -> AddOrderNoteRequest {
    AddOrderNoteRequest {
        name: order.to_owned(),
        text: "hello?".to_owned(),
        visibility: NoteVisibility::Internal.into(),
        ..AddOrderNoteRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_killed_while_its_statement_waits_leaves_no_open_transaction() {
    let system = System::start().await;
    let order = placed(&mut system.commands().await).await.name;
    let (sql, locks) = (system.sql().await, system.sql().await);

    for table in ["orders", "order_history"] {
        locks.execute(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await;
        let client = ClientProcess::start(&system, &order);
        eventually("a statement of the client waits", async || sql.waiting_sessions().await > 0).await;
        client.kill();
        let sessions = sql.busy_sessions().await.into_iter();
        let open = sessions
            .filter(|session| session.contains("-service") && session.contains("idle in transaction"));
        assert_eq!(open.collect::<Vec<_>>(), [""; 0], "while {table} is locked");
        locks.execute("ROLLBACK").await;
        assert_clean(&system, &sql, &order).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_killed_at_any_moment_leave_nothing_behind() {
    let system = System::start().await;
    let order = placed(&mut system.commands().await).await.name;
    let sql = system.sql().await;
    let mut rng = Rng::with_seed(7);
    for _ in 0..6 {
        let before = sql.number("SELECT count(*) FROM order_history").await;
        let client = ClientProcess::start(&system, &order);
        let count = "SELECT count(*) FROM order_history";
        eventually("the client is at it", async || sql.number(count).await > before + 20).await;
        sleep(Duration::from_millis(rng.u64(..50))).await;
        client.kill();
    }
    assert_clean(&system, &sql, &order).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_given_up_at_any_moment_leave_nothing_behind() {
    let system = System::start().await;
    let order = placed(&mut system.commands().await).await.name;
    let sql = system.sql().await;
    let (commands, queries) = (system.commands().await, system.queries().await);
    let mut callers = JoinSet::new();
    for seed in 0..8 {
        let (mut commands, mut queries, order) = (commands.clone(), queries.clone(), order.clone());
        callers.spawn(async move {
            let mut rng = Rng::with_seed(seed);
            for _ in 0..60 {
                let patience = Duration::from_micros(rng.u64(..20_000));
                let _given_up = timeout(patience, call(&mut commands, &mut queries, &order)).await;
            }
        });
    }
    callers.join_all().await;
    assert_clean(&system, &sql, &order).await;
}

/// Every session comes to rest, no lock is held, the books balance, and calls are answered.
pub(crate) async fn assert_clean(system: &System, sql: &Sql, order: &str) {
    // What was begun may go on for a moment, with pauses between its statements.
    let mut quiet = 0;
    eventually("every session rests", async || {
        quiet = if at_rest(sql).await { quiet + 1 } else { 0 };
        quiet == 10
    })
    .await;
    books::check(sql, "after the clients went away").await;

    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let noted = commands.add_order_note(note(order)).await.unwrap().into_inner();
    let read = GetOrderRequest { name: order.to_owned(), ..GetOrderRequest::default() };
    assert_eq!(queries.get_order(read).await.unwrap().into_inner().version, noted.version);
}

/// Whether no session of the services has a statement, a transaction or a lock.
async fn at_rest(sql: &Sql) -> bool {
    let locks = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    sql.busy_sessions().await.is_empty() && sql.number(locks).await == 0
}
