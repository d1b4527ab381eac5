//! Everything at once: a PostgreSQL and a NATS server, unless they are given, and both services.

use std::{net::SocketAddr, path::PathBuf, process::ExitStatus, time::Duration};

use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    Durability, Logins, NatsError, NatsOptions, NatsServer, Output, PostgresError, PostgresOptions,
    PostgresServer, Service, ServiceError, ServiceProcess, Storage, process::ServiceOptions,
};

/// How long a service may take to stop before it is killed. With the server's own 6 s the whole stack stays below 25 s.
const STOP_PATIENCE: Duration = Duration::from_secs(18);
/// The database on a server started here.
const DATABASE: &str = "orders";
/// How often the server is looked at.
const WATCH_PAUSE: Duration = Duration::from_millis(200);

/// Which database the services use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A server started here, with its data kept in this folder.
    Kept(PathBuf),
    /// A server started here, whose data goes with the stack.
    ThrowAway(Durability),
    /// A server that somebody else runs, at this URL.
    Given(String),
    /// The same, with a URL for each role.
    Shared(Logins),
}

/// Where the services publish what happens to orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broker {
    /// Nowhere.
    None,
    /// To a NATS server started here.
    Started(NatsOptions),
    /// To NATS servers that somebody else runs, at these URLs.
    Given(String),
}

/// How to start a stack.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The database.
    pub database: Database,
    /// The broker.
    pub broker: Broker,
    /// Where command-service listens; port 0 for any free one.
    pub command_address: String,
    /// Where query-service listens; port 0 for any free one.
    pub query_address: String,
    /// What becomes of the services' output.
    pub output: Output,
}

impl StackOptions {
    /// A throw-away stack without a broker, on free ports, that keeps its output to itself: for tests.
    pub fn for_tests() -> Self {
        Self {
            database: Database::ThrowAway(Durability::None),
            broker: Broker::None,
            command_address: "127.0.0.1:0".to_owned(),
            query_address: "127.0.0.1:0".to_owned(),
            output: Output::Keep,
        }
    }
}

/// Why a stack did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The server did not start.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The NATS server did not start.
    #[error(transparent)]
    Nats(#[from] NatsError),
    /// A service did not start or could not be watched.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A part of the running stack ended by itself.
    #[error("{part} died with {status}")]
    Died {
        /// `command-service`, `query-service`, `postgres` or `nats-server`.
        part: &'static str,
        /// How it ended.
        status: ExitStatus,
    },
}

/// A running stack. Stop it with [`Stack::stop`]; dropped, the services are killed and the server is stopped, which blocks.
#[derive(Debug)]
pub struct Stack {
    // Before the server: what uses it ends before it.
    command: ServiceProcess,
    query: ServiceProcess,
    nats: Option<NatsServer>,
    postgres: Option<PostgresServer>,
    database_url: String,
    nats_url: Option<String>,
}

impl Stack {
    /// Starts everything and waits until both services are healthy.
    pub async fn start(options: &StackOptions) -> Result<Self, StackError> {
        let (postgres, logins) = match &options.database {
            Database::Given(url) => (None, Logins::same(url)),
            Database::Shared(logins) => (None, logins.clone()),
            Database::Kept(folder) => {
                start_postgres(Storage::Durable(folder.clone()), Durability::Full).await?
            }
            Database::ThrowAway(durability) => start_postgres(Storage::ThrowAway, *durability).await?,
        };
        let (nats, nats_url) = match &options.broker {
            Broker::None => (None, None),
            Broker::Given(urls) => (None, Some(urls.clone())),
            Broker::Started(options) => {
                let options = options.clone();
                let started = spawn_blocking(move || NatsServer::start(&options)).await;
                let server = started.expect("starting a server does not panic")?;
                let url = server.url();
                (Some(server), Some(url))
            }
        };
        let start = async |service, address: &str| {
            let mut process = ServiceOptions::with(service, address, &logins).output(options.output);
            if let (Service::Command, Some(urls)) = (service, &nats_url) {
                process = process.environment("NATS_URL", urls);
            }
            ServiceProcess::start(process).await
        };
        // One after the other: the first one migrates the schema that the second one needs.
        let command = start(Service::Command, &options.command_address).await?;
        let query = start(Service::Query, &options.query_address).await?;
        Ok(Self { command, query, nats, postgres, database_url: logins.writer, nats_url })
    }

    /// Where command-service listens.
    pub fn command_address(&self) -> SocketAddr {
        self.command.address()
    }

    /// Where query-service listens.
    pub fn query_address(&self) -> SocketAddr {
        self.query.address()
    }

    /// The database's URL, as command-service has it. It holds a secret if it was given with one.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// As [`Stack::database_url`], if the server was started here: then there is no secret in it.
    pub fn started_database_url(&self) -> Option<&str> {
        self.postgres.as_ref().map(|_| self.database_url.as_str())
    }

    /// The URLs of NATS, if there is a broker. They hold a secret if they were given with one.
    pub fn nats_url(&self) -> Option<&str> {
        self.nats_url.as_deref()
    }

    /// The process of command-service.
    pub fn command(&self) -> &ServiceProcess {
        &self.command
    }

    /// The process of query-service.
    pub fn query(&self) -> &ServiceProcess {
        &self.query
    }

    /// Waits until a part ends by itself, and says which. May be dropped at any point.
    pub async fn failure(&mut self) -> StackError {
        let Self { command, query, nats, postgres, .. } = self;
        let (part, status) = tokio::select! {
            status = command.wait() => (Service::Command.name(), status),
            status = query.wait() => (Service::Query.name(), status),
            status = end_of(postgres.as_mut(), PostgresServer::exit_status) => ("postgres", Ok(status)),
            status = end_of(nats.as_mut(), NatsServer::exit_status) => ("nats-server", Ok(status)),
        };
        match status {
            Ok(status) => StackError::Died { part, status },
            Err(error) => error.into(),
        }
    }

    /// Stops the services, which may finish what they are at, and then the servers. Takes 25 s at most.
    pub async fn stop(self) {
        let Self { command, query, nats, postgres, .. } = self;
        // Nothing more can be done about one that cannot be waited for: its lifeline ends it.
        let (_, _) = tokio::join!(command.stop(STOP_PATIENCE), query.stop(STOP_PATIENCE));
        let stop_nats = spawn_blocking(|| nats.map(NatsServer::stop));
        let stop_postgres = spawn_blocking(|| postgres.map(PostgresServer::stop));
        let (_, _) = tokio::join!(stop_nats, stop_postgres);
    }
}

async fn start_postgres(
    storage: Storage,
    durability: Durability,
) -> Result<(Option<PostgresServer>, Logins), PostgresError> {
    let options = PostgresOptions { storage, durability, settings: Vec::new() };
    let started = spawn_blocking(move || PostgresServer::start(&options)).await;
    let server = started.expect("starting a server does not panic")?;
    server.database(DATABASE).await?;
    server.make_roles(DATABASE).await?;
    let logins = server.logins(DATABASE);
    Ok((Some(server), logins))
}

async fn end_of<S>(server: Option<&mut S>, exit_status: fn(&mut S) -> Option<ExitStatus>) -> ExitStatus {
    let Some(server) = server else { return std::future::pending().await };
    loop {
        if let Some(status) = exit_status(server) {
            return status;
        }
        sleep(WATCH_PAUSE).await;
    }
}
