//! A primary, and a standby that follows it.

use std::{slice::from_ref, time::Duration};

use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};

use super::{
    Service,
    database::{Database, migrate},
};

const DATABASE: &str = "orders";

/// Two servers of a test. Either can be stopped.
pub(crate) struct Cluster {
    pub(crate) primary: Option<PostgresServer>,
    pub(crate) standby: Option<PostgresServer>,
    pub(crate) on_primary: String,
    pub(crate) on_standby: String,
    /// The URLs of both for query-service.
    readers: [String; 2],
}

impl Cluster {
    /// With the schema, and a standby that shows what is committed after `delay`.
    pub(crate) async fn start(delay: Duration) -> Self {
        let options = PostgresOptions {
            storage: Storage::ThrowAway,
            durability: Durability::None,
            settings: vec![("max_connections".into(), "100".into())],
        };
        let starting = tokio::task::spawn_blocking(move || PostgresServer::start(&options));
        let primary = starting.await.unwrap().unwrap();
        let on_primary = primary.database(DATABASE).await.unwrap();
        primary.make_roles(DATABASE).await.unwrap();
        migrate(primary.logins(DATABASE).owner).await.unwrap();
        let reader_of_primary = primary.logins(DATABASE).reader;
        let starting = tokio::task::spawn_blocking(move || {
            let standby = primary.start_standby(delay);
            (primary, standby)
        });
        let (primary, standby) = starting.await.unwrap();
        let standby = standby.unwrap();
        let on_standby = standby.url(DATABASE);
        let readers = [reader_of_primary, standby.logins(DATABASE).reader];
        Self { primary: Some(primary), standby: Some(standby), on_primary, on_standby, readers }
    }

    /// A service that reads from both.
    pub(crate) async fn service(&self) -> Service {
        // The order in which they are named means nothing.
        Service::over(&self.readers, &self.on_primary, &[]).await
    }

    /// A service that reads from the standby only, and waits for it for so long.
    pub(crate) async fn service_of_standby(&self, wait_limit: &str) -> Service {
        let arguments = ["--read-wait-limit", wait_limit];
        Service::over(from_ref(&self.readers[1]), &self.on_primary, &arguments).await
    }

    /// A service that reads from the primary only.
    pub(crate) async fn service_of_primary(&self) -> Service {
        Service::over(from_ref(&self.readers[0]), &self.on_primary, &[]).await
    }

    /// Connections to the standby, for the test.
    pub(crate) async fn standby_rows(&self) -> Database {
        Database::open(&self.on_standby).await
    }

    /// Has the standby stay as it is, until [`Cluster::resume`].
    pub(crate) async fn pause(&self) {
        let standby = self.standby_rows().await;
        standby.execute("SELECT pg_wal_replay_pause()").await;
        while !standby.is("pg_get_wal_replay_pause_state() = 'paused'").await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn resume(&self) {
        self.standby_rows().await.execute("SELECT pg_wal_replay_resume()").await;
    }
}
