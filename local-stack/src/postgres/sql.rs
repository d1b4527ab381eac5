//! The few statements about whole databases that are needed here.

use tokio::task;
use tokio_postgres::NoTls;

use super::{PostgresError, PostgresServer};

impl PostgresServer {
    /// Creates the database `name` (a plain word), unless it is there, and answers with its URL.
    pub async fn database(&self, name: &str) -> Result<String, PostgresError> {
        match execute(&self.url("postgres"), &format!("CREATE DATABASE {name}")).await {
            Err(PostgresError::Sql { source, .. })
                if source.code() == Some(&tokio_postgres::error::SqlState::DUPLICATE_DATABASE) => {}
            created => created?,
        }
        Ok(self.url(name))
    }
}

/// Runs one statement on a connection of its own.
pub(super) async fn execute(url: &str, statement: &str) -> Result<(), PostgresError> {
    let refused = |source| PostgresError::Sql { statement: statement.to_owned(), source };
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(refused)?;
    let driver = task::spawn(connection);
    let outcome = client.batch_execute(statement).await.map_err(refused);
    drop(client);
    driver.await.ok();
    outcome
}
