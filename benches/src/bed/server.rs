//! The PostgreSQL server.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};
use tokio::task::{block_in_place, spawn_blocking};
use tokio_postgres::{Client, NoTls};

/// Settings that are not PostgreSQL's own: the same for everything that is measured. Commits wait for the disk, as they do
/// by default. No checkpoint is due while something is measured, because it would hit one side of a comparison only.
pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("shared_buffers", "1GB"),
    ("effective_cache_size", "3GB"),
    ("max_connections", "400"),
    ("max_wal_size", "16GB"),
    ("checkpoint_timeout", "30min"),
];

/// A server with its data on disk, removed with this value.
#[derive(Debug)]
pub(crate) struct Bed {
    /// Gone only while this value goes.
    server: Option<PostgresServer>,
}

impl Bed {
    /// Starts a server whose data is in `folder`, with `settings` besides [`SETTINGS`].
    pub(crate) async fn start(folder: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let all = SETTINGS.iter().chain(settings);
        let settings = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        // By its whole name: the server's programs run elsewhere.
        let storage = Storage::Durable(std::path::absolute(folder)?);
        let options = PostgresOptions { storage, durability: Durability::Full, settings };
        let server = spawn_blocking(move || PostgresServer::start(&options)).await??;
        Ok(Self { server: Some(server) })
    }

    /// The server.
    pub(crate) fn server(&self) -> &PostgresServer {
        self.server.as_ref().expect("it is there until the end")
    }

    /// A new, empty database, in place of an older one of that name; its URL.
    pub(crate) async fn database(&self, name: &str) -> Result<String> {
        let admin = connect(&self.server().url("postgres")).await?;
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        Ok(self.server().database(name).await?)
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let home = server.data_folder().parent().map(Path::to_owned);
        block_in_place(|| {
            server.stop();
            if let Some(Err(error)) = home.as_deref().map(fs::remove_dir_all) {
                eprintln!("bench: cannot remove {}: {error}", home.unwrap_or_default().display());
            }
        });
    }
}

/// A connection of our own, for everything that is not measured.
pub(crate) async fn connect(url: &str) -> Result<Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.context("cannot connect to PostgreSQL")?;
    tokio::spawn(connection);
    Ok(client)
}
