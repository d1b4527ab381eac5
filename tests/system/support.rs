//! What every test of the whole system needs: a migrated database of its own, the services on it, clients, and drafts.
//! No test stands in here.

mod drafts;
mod kind;
mod plain;
mod raw;
mod way;

use std::{
    env,
    fmt::Display,
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use local_stack::{
    Database, Output, Service, ServiceOptions, ServiceProcess, Stack, StackOptions, TestDatabase,
    TestPostgres,
};
use orders_proto::orders::v1::{
    order_command_service_client::OrderCommandServiceClient,
    order_query_service_client::OrderQueryServiceClient,
};
use tokio::time::sleep;
use tokio_postgres::NoTls;
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt;
use uuid::Uuid;

pub(crate) use chaos::load::{minor_units, money, published};

pub(crate) use self::{
    drafts::{cart, placed},
    kind::Kind,
    plain::PlainClients,
    raw::{raw_call, raw_request},
    way::Way,
};

pub(crate) type Commands = OrderCommandServiceClient<Channel>;
pub(crate) type Queries = OrderQueryServiceClient<Channel>;

/// Both services, on a database of their own.
pub(crate) struct System {
    // Before the database: the services go first.
    stack: Stack,
    database: TestDatabase,
}

impl System {
    pub(crate) async fn start() -> Self {
        let database = migrated_database().await;
        let options =
            StackOptions { database: Database::Shared(database.logins()), ..StackOptions::for_tests() };
        let stack = Stack::start(&options).await.unwrap_or_else(|error| panic!("{error}"));
        Self { stack, database }
    }

    pub(crate) async fn commands(&self) -> Commands {
        commands_at(self.stack.command_address()).await
    }

    pub(crate) async fn queries(&self) -> Queries {
        Queries::new(channel(self.stack.query_address()).await)
    }

    pub(crate) async fn sql(&self) -> Sql {
        Sql::connect(&self.database).await
    }

    /// Both processes, with the full names of their services.
    pub(crate) fn services(&self) -> [(&'static str, SocketAddr); 2] {
        [
            ("orders.v1.OrderCommandService", self.stack.command_address()),
            ("orders.v1.OrderQueryService", self.stack.query_address()),
        ]
    }

    /// Both processes, with their ids.
    pub(crate) fn processes(&self) -> [(&'static str, u32); 2] {
        [("command-service", self.stack.command().pid()), ("query-service", self.stack.query().pid())]
    }

    pub(crate) fn command_address(&self) -> SocketAddr {
        self.stack.command_address()
    }

    pub(crate) fn query_address(&self) -> SocketAddr {
        self.stack.query_address()
    }
}

/// The program of a service, which has to be there before these tests run.
pub(crate) fn program(service: Service) -> PathBuf {
    let test = env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join(service.name());
    assert!(
        program.is_file(),
        "there is no {}: build the programs first, with `cargo build --workspace --bins`, as `make test` does",
        program.display()
    );
    program
}

/// A database with the schema, as `command-service migrate` makes it.
pub(crate) async fn migrated_database() -> TestDatabase {
    for service in [Service::Command, Service::Query] {
        program(service);
    }
    let postgres = TestPostgres::shared().await.unwrap_or_else(|error| panic!("{error}"));
    let template = postgres.template(migrate).await.unwrap_or_else(|error| panic!("{error}"));
    template.database().await.unwrap()
}

pub(crate) async fn migrate(url: String) -> Result<(), String> {
    let mut command = tokio::process::Command::new(program(Service::Command));
    let output = command.arg("migrate").env("DATABASE_URL", url).output().await.map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// One service more, on a database that may have others.
pub(crate) async fn service(service: Service, database: &TestDatabase) -> ServiceProcess {
    service_with(service, database, &[]).await
}

/// One service, with these environment variables besides.
pub(crate) async fn service_with(
    service: Service,
    database: &TestDatabase,
    environment: &[(&str, &str)],
) -> ServiceProcess {
    started(ServiceOptions::with(service, "127.0.0.1:0", &database.logins()), environment).await
}

/// One service, on the database at this URL, with these environment variables.
pub(crate) async fn service_at(service: Service, url: &str, environment: &[(&str, &str)]) -> ServiceProcess {
    started(ServiceOptions::new(service, "127.0.0.1:0", url), environment).await
}

async fn started(mut options: ServiceOptions, environment: &[(&str, &str)]) -> ServiceProcess {
    for (name, value) in environment {
        options = options.environment(*name, *value);
    }
    ServiceProcess::start(options.output(Output::Keep)).await.unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) async fn channel(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

pub(crate) async fn commands_at(address: SocketAddr) -> Commands {
    Commands::new(channel(address).await)
}

pub(crate) fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// The reason of the catalogue that every refusal carries.
pub(crate) fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("without ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "orders", "{status:?}");
    info.reason.clone()
}

/// Asks until the answer is yes.
pub(crate) async fn eventually(what: impl Display, mut holds: impl AsyncFnMut() -> bool) {
    const PATIENCE: Duration = Duration::from_secs(20);
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < PATIENCE, "not so after {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A connection to the database, past the services.
pub(crate) struct Sql {
    client: tokio_postgres::Client,
}

impl Sql {
    pub(crate) async fn connect(database: &TestDatabase) -> Self {
        Self::open(database.url()).await
    }

    pub(crate) async fn open(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        Self { client }
    }

    pub(crate) fn client(&self) -> &tokio_postgres::Client {
        &self.client
    }

    pub(crate) async fn execute(&self, statements: &str) {
        self.client.batch_execute(statements).await.unwrap();
    }

    pub(crate) async fn rows(&self, statement: &str) -> Vec<tokio_postgres::Row> {
        self.client.query(statement, &[]).await.unwrap_or_else(|error| panic!("{error:?}: {statement}"))
    }

    /// The one number that the statement selects.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        self.rows(statement).await[0].get(0)
    }

    /// What the services' sessions are at that is not rest: a statement, or a transaction that is open without one.
    pub(crate) async fn busy_sessions(&self) -> Vec<String> {
        let statement =
            "SELECT concat_ws(' | ', pid, application_name, state, wait_event_type, left(query, 200))
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
            AND (state <> 'idle' OR xact_start IS NOT NULL)";
        self.rows(statement).await.iter().map(|row| row.get(0)).collect()
    }

    /// How many of the services' sessions wait for a lock, those that follow the feed left out.
    pub(crate) async fn waiting_sessions(&self) -> i64 {
        let waiting = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            AND application_name <> 'command-service projections'";
        self.number(waiting).await
    }
}
