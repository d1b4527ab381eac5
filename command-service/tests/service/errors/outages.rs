//! Refusals that are not the caller's fault.

use std::time::Duration;

use local_stack::TestPostgres;
use orders_proto::orders::v1::AddOrderNoteRequest;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinSet,
    time::timeout,
};

use crate::support::{Refusal, Service, Sql, create, draft, is_replay, note, ok, refusal, request_id};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lets everything that writes history wait, until it is told to go on.
const SLOW: &str = "
    CREATE FUNCTION wait_a_moment() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = '1min' AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END';
    CREATE TRIGGER wait_a_moment BEFORE INSERT ON order_history FOR EACH ROW EXECUTE FUNCTION wait_a_moment()";

pub(super) async fn database_unavailable() -> Refusal {
    let service = Service::start().await;
    let order = service.drafted().await;
    let (administrator, database) = (Sql::administrator().await, service.database_name());
    administrator.execute(&format!("ALTER DATABASE {database} ALLOW_CONNECTIONS false")).await;
    let end =
        format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'");
    administrator.rows(&end).await;

    let refused = refusal(service.client().add_order_note(note(&order, "hello")).await);
    let creation = refusal(service.client().create_order(create(draft())).await);
    assert_eq!(creation.reason, "DATABASE_UNAVAILABLE");
    assert!(!refused.message.contains(database) && refused.metadata.is_empty(), "{refused:?}");

    administrator.execute(&format!("ALTER DATABASE {database} ALLOW_CONNECTIONS true")).await;
    let noted = ok(service.client().add_order_note(note(&order, "hello")).await);
    assert_eq!(noted.version, 2, "nothing was changed by the refused call");
    refused
}

pub(super) async fn overloaded() -> Refusal {
    let service = Service::start_with(&["--commit-lanes=1", "--batch-queue=1"]).await;
    let order = service.drafted().await;
    let sql = service.sql().await;
    sql.execute(SLOW).await;
    sql.execute("SELECT pg_advisory_lock(4711)").await;
    let (mut client, request) = (service.client(), note(&order, "slow"));
    let slow = tokio::spawn(async move { client.add_order_note(request).await });
    someone_waits(&sql).await;

    let mut two = JoinSet::new();
    for _ in 0..2 {
        let mut client = service.client();
        two.spawn(async move { client.create_order(create(draft())).await });
    }
    let refused = refusal(timeout(PATIENCE, two.join_next()).await.unwrap().unwrap().unwrap());
    sql.execute("SELECT pg_advisory_unlock(4711)").await;
    assert_eq!(ok(slow.await.unwrap()).version, 2);
    assert_eq!(ok(two.join_next().await.unwrap().unwrap()).version, 1, "there was room for one to wait");
    assert_eq!(ok(service.client().add_order_note(note(&order, "now")).await).version, 3);
    refused
}

/// Waits until a commit is under way that was told to wait.
async fn someone_waits(sql: &Sql) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
        AND wait_event = 'advisory' AND datname = current_database()";
    let in_flight = async {
        while sql.number(waiting).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, in_flight).await.expect("the commit waits");
}

/// The way from a service to the database, which can be cut.
struct Way {
    connections: std::sync::Arc<tokio::sync::Mutex<JoinSet<()>>>,
    port: u16,
}

impl Way {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = std::sync::Arc::<tokio::sync::Mutex<JoinSet<()>>>::default();
        let accepted = std::sync::Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.lock().await.spawn(pass_on(stream));
            }
        });
        Self { connections, port }
    }

    /// Cuts every connection, on both sides.
    async fn cut(&self) {
        self.connections.lock().await.shutdown().await;
    }
}

async fn pass_on(mut service: TcpStream) {
    let url: tokio_postgres::Config =
        TestPostgres::shared().await.unwrap().server().url("postgres").parse().unwrap();
    let port = url.get_ports().first().copied().unwrap_or(5432);
    let tokio_postgres::config::Host::Unix(folder) = &url.get_hosts()[0] else { panic!("a socket: {url:?}") };
    let mut database = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await.unwrap();
    copy_bidirectional(&mut service, &mut database).await.ok();
}

/// A note whose commit is under way when the connection to the database is cut.
async fn cut_while_committing(
    request: AddOrderNoteRequest,
    service: &Service,
    way: &Way,
) -> Result<(), Refusal> {
    let sql = service.sql().await;
    sql.execute("SELECT pg_advisory_lock(4711)").await;
    let mut client = service.client();
    let call = tokio::spawn(async move { client.add_order_note(request).await });
    someone_waits(&sql).await;
    way.cut().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    sql.execute("SELECT pg_advisory_unlock(4711)").await;
    match timeout(PATIENCE, call).await.expect("an answer").unwrap() {
        Ok(_) => Ok(()),
        Err(status) => Err(status.into()),
    }
}

pub(super) async fn outcome_unknown() -> Refusal {
    let way = Way::open().await;
    let near = Service::start().await;
    let service =
        near.twin_by(&format!("postgres://postgres@127.0.0.1:{}/{}", way.port, near.database_name())).await;
    let order = service.drafted().await;
    near.sql().await.execute(SLOW).await;
    let refused =
        cut_while_committing(note(&order, "hello"), &service, &way).await.expect_err("nobody knows");
    assert!(refused.message.contains("request_id"), "{}", refused.message);

    // With a request id the service finds out by itself.
    let request = AddOrderNoteRequest { request_id: request_id(), ..note(&order, "once") };
    cut_while_committing(request.clone(), &service, &way).await.expect("found out");
    assert!(is_replay(&service.client().add_order_note(request).await.unwrap()));
    let sql = near.sql().await;
    assert_eq!(sql.number("SELECT count(*) FROM order_history WHERE request_id IS NOT NULL").await, 1);
    assert_eq!(sql.number("SELECT max(version) - count(*) FROM order_history").await, 0, "no gaps");
    refused
}

pub(super) async fn internal() -> Refusal {
    let service = Service::start().await;
    let order = service.drafted().await;
    service.sql().await.execute("UPDATE order_lines SET sku = 'no longer visible'").await;
    let refusal = refusal(service.client().add_order_note(note(&order, "hello")).await);
    assert_eq!(refusal.message, "internal error");
    assert_eq!(refusal.metadata.keys().collect::<Vec<_>>(), ["incident"]);
    assert!((&refusal.fields, &refusal.preconditions, &refusal.resource) == (&vec![], &vec![], &None));
    refusal
}
