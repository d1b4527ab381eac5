//! Everything at once: a PostgreSQL server, unless one is given, and both services.

use std::{net::SocketAddr, path::PathBuf, process::ExitStatus, time::Duration};

use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    Durability, Output, PostgresError, PostgresOptions, PostgresServer, Service, ServiceError,
    ServiceProcess, Storage, process::ServiceOptions,
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
}

/// How to start a stack.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The database.
    pub database: Database,
    /// Where command-service listens; port 0 for any free one.
    pub command_address: String,
    /// Where query-service listens; port 0 for any free one.
    pub query_address: String,
    /// What becomes of the services' output.
    pub output: Output,
}

impl StackOptions {
    /// A throw-away stack on free ports that keeps its output to itself: for tests.
    pub fn for_tests() -> Self {
        Self {
            database: Database::ThrowAway(Durability::None),
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
    /// A service did not start or could not be watched.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A part of the running stack ended by itself.
    #[error("{part} died with {status}")]
    Died {
        /// `command-service`, `query-service` or `postgres`.
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
    postgres: Option<PostgresServer>,
    database_url: String,
}

impl Stack {
    /// Starts everything and waits until both services are healthy.
    pub async fn start(options: &StackOptions) -> Result<Self, StackError> {
        let (postgres, database_url) = match &options.database {
            Database::Given(url) => (None, url.clone()),
            Database::Kept(folder) => {
                start_postgres(Storage::Durable(folder.clone()), Durability::Full).await?
            }
            Database::ThrowAway(durability) => start_postgres(Storage::ThrowAway, *durability).await?,
        };
        let start = async |service, address: &str| {
            let service = ServiceOptions::new(service, address, &database_url).output(options.output);
            ServiceProcess::start(service).await
        };
        // One after the other: the first one migrates the schema that the second one needs.
        let command = start(Service::Command, &options.command_address).await?;
        let query = start(Service::Query, &options.query_address).await?;
        Ok(Self { command, query, postgres, database_url })
    }

    /// Where command-service listens.
    pub fn command_address(&self) -> SocketAddr {
        self.command.address()
    }

    /// Where query-service listens.
    pub fn query_address(&self) -> SocketAddr {
        self.query.address()
    }

    /// The database's URL. It holds a secret if it was given with one.
    pub fn database_url(&self) -> &str {
        &self.database_url
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
        let Self { command, query, postgres, .. } = self;
        let (part, status) = tokio::select! {
            status = command.wait() => (Service::Command.name(), status),
            status = query.wait() => (Service::Query.name(), status),
            status = end_of(postgres.as_mut()) => ("postgres", Ok(status)),
        };
        match status {
            Ok(status) => StackError::Died { part, status },
            Err(error) => error.into(),
        }
    }

    /// Stops the services, which may finish what they are at, and then the server. Takes 25 s at most.
    pub async fn stop(self) {
        let Self { command, query, postgres, .. } = self;
        // Nothing more can be done about one that cannot be waited for: its lifeline ends it.
        let (_, _) = tokio::join!(command.stop(STOP_PATIENCE), query.stop(STOP_PATIENCE));
        if let Some(postgres) = postgres {
            spawn_blocking(|| postgres.stop()).await.ok();
        }
    }
}

async fn start_postgres(
    storage: Storage,
    durability: Durability,
) -> Result<(Option<PostgresServer>, String), PostgresError> {
    let options = PostgresOptions { storage, durability, settings: Vec::new() };
    let started = spawn_blocking(move || PostgresServer::start(&options)).await;
    let server = started.expect("starting a server does not panic")?;
    let url = server.database(DATABASE).await?;
    Ok((Some(server), url))
}

async fn end_of(postgres: Option<&mut PostgresServer>) -> ExitStatus {
    let Some(postgres) = postgres else { return std::future::pending().await };
    loop {
        if let Some(status) = postgres.exit_status() {
            return status;
        }
        sleep(WATCH_PAUSE).await;
    }
}
