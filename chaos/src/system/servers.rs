//! PostgreSQL and NATS, started as often as they have to be, with data that outlives them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};

use local_stack::{Durability, NatsOptions, NatsServer, PostgresOptions, PostgresServer, Storage};
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_postgres::{Config, NoTls};

use super::signals::Frozen;
use crate::run::ChaosError;

const DATABASE: &str = "orders";
/// How long a server may fail to start: of one that was killed, a process may still be about to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// Sessions that are about to commit. One that waits for the disk already holds up all that others commit.
const COMMITS: &str = "SELECT pid FROM pg_stat_activity
    WHERE application_name = 'command-service' AND backend_xid IS NOT NULL
    AND (wait_event IS NULL OR wait_event = 'PgSleep')";
/// Some commits take their time, with all that they wrote still invisible: others are committed before them that began after them.
const DAWDLING: &str = "
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF random() < 0.05 THEN
            PERFORM pg_sleep(random() * 0.4);
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON order_history DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION dawdle()";
/// How long to wait for PostgreSQL to say whether a session that was stopped is still at it.
const STILL: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_millis(50);

/// PostgreSQL, as durable as it is by default.
pub(super) struct Postgres {
    options: PostgresOptions,
    server: Option<PostgresServer>,
}

impl Postgres {
    pub(super) async fn start(folder: &Path) -> Result<Self, ChaosError> {
        let options = PostgresOptions {
            storage: Storage::Durable(folder.join("postgres")),
            durability: Durability::Full,
            settings: vec![("max_connections".to_owned(), "300".to_owned())],
        };
        let mut postgres = Self { options, server: None };
        postgres.start_again().await?;
        if let Some(server) = &postgres.server {
            server.database(DATABASE).await?;
        }
        Ok(postgres)
    }

    pub(super) async fn start_again(&mut self) -> Result<(), ChaosError> {
        let begin = Instant::now();
        loop {
            let options = self.options.clone();
            let started = spawn_blocking(move || PostgresServer::start(&options)).await;
            match started.expect("starting a server does not panic") {
                Ok(server) => {
                    self.server = Some(server);
                    return Ok(());
                }
                Err(error) if begin.elapsed() > PATIENCE => return Err(error.into()),
                Err(_) => sleep(PAUSE).await,
            }
        }
    }

    pub(super) async fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            spawn_blocking(move || server.kill()).await.expect("killing a server does not panic");
        }
    }

    /// Has some commits take their time, once there is the schema.
    pub(super) async fn have_commits_dawdle(&self) -> Result<(), ChaosError> {
        let (client, connection) = tokio_postgres::connect(&self.url().unwrap_or_default(), NoTls).await?;
        tokio::spawn(connection);
        Ok(client.batch_execute(DAWDLING).await?)
    }

    /// The database's URL, past all links.
    pub(super) fn url(&self) -> Option<String> {
        self.server.as_ref().map(|server| server.url(DATABASE))
    }

    /// The database's URL for those who go through a link.
    pub(super) fn url_through(&self, link: SocketAddr) -> Result<String, ChaosError> {
        let url = self.server.as_ref().map(|server| server.tcp_url(DATABASE)).unwrap_or_default();
        let config: Config = url.parse()?;
        let port = config.get_ports().first().copied().unwrap_or_default();
        Ok(url.replace(&format!(":{port}/"), &format!(":{}/", link.port())) + "?sslmode=disable")
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        let config: Config = self.server.as_ref()?.tcp_url(DATABASE).parse().ok()?;
        Some((Ipv4Addr::LOCALHOST, *config.get_ports().first()?).into())
    }

    pub(super) fn processes(&self) -> Vec<u32> {
        self.server.as_ref().map(PostgresServer::processes).unwrap_or_default()
    }

    /// Stops a session of command-service in the middle of a commit, if there is one within a while.
    pub(super) async fn freeze_commit(&self, patience: Duration) -> Option<Frozen> {
        let url = self.url()?;
        let freezing = async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.ok()?;
            tokio::spawn(connection);
            loop {
                let Some(row) = client.query(COMMITS, &[]).await.ok()?.into_iter().next() else { continue };
                let frozen = Frozen::new(&[u32::try_from(row.get::<_, i32>(0)).ok()?]);
                // By now it may be over; or nobody gets an answer any more, for it holds what all others need.
                let asked = timeout(STILL, client.query(COMMITS, &[])).await;
                if asked.is_err() || asked.is_ok_and(|asked| asked.is_ok_and(|rows| !rows.is_empty())) {
                    return Some(frozen);
                }
            }
        };
        timeout(patience, freezing).await.ok().flatten()
    }

    /// The process of a session of command-service in the middle of a commit, if there is one within a while.
    pub(super) async fn committing_session(&self, patience: Duration) -> Option<u32> {
        let url = self.url()?;
        let looking = async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.ok()?;
            tokio::spawn(connection);
            loop {
                if let Some(row) = client.query(COMMITS, &[]).await.ok()?.first() {
                    return u32::try_from(row.get::<_, i32>(0)).ok();
                }
            }
        };
        timeout(patience, looking).await.ok().flatten()
    }
}

/// NATS, with a stream that is kept.
pub(super) struct Nats {
    options: NatsOptions,
    server: Option<NatsServer>,
}

impl Nats {
    pub(super) async fn start(folder: &Path) -> Result<Self, ChaosError> {
        let options =
            NatsOptions { storage: Storage::Durable(folder.join("nats")), ..NatsOptions::for_tests() };
        let mut nats = Self { options, server: None };
        nats.start_again().await?;
        Ok(nats)
    }

    pub(super) async fn start_again(&mut self) -> Result<(), ChaosError> {
        let options = self.options.clone();
        let started = spawn_blocking(move || NatsServer::start(&options)).await;
        self.server = Some(started.expect("starting a server does not panic")?);
        Ok(())
    }

    pub(super) async fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            spawn_blocking(move || server.kill()).await.expect("killing a server does not panic");
        }
    }

    pub(super) fn url(&self) -> Option<String> {
        self.server.as_ref().map(NatsServer::url)
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(NatsServer::address)
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(NatsServer::pid)
    }
}
