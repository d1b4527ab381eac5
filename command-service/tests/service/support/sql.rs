//! The database, seen past the services.

use local_stack::{TestDatabase, TestPostgres};
use tokio_postgres::{Client, NoTls, Row};

/// A connection to a database.
pub(crate) struct Sql(Client);

impl Sql {
    pub(crate) async fn connect(database: &TestDatabase) -> Self {
        Self::open(database.url()).await
    }

    /// A connection to the server's own database, for what cannot be done from inside a database.
    pub(crate) async fn administrator() -> Self {
        Self::open(&TestPostgres::shared().await.unwrap().server().url("postgres")).await
    }

    async fn open(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    /// Runs statements.
    pub(crate) async fn execute(&self, statements: &str) {
        self.0.batch_execute(statements).await.unwrap_or_else(|error| panic!("{error:?}: {statements}"));
    }

    /// What the statement selects.
    pub(crate) async fn rows(&self, statement: &str) -> Vec<Row> {
        self.0.query(statement, &[]).await.unwrap_or_else(|error| panic!("{error:?}: {statement}"))
    }

    /// The one number that the statement selects.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        self.rows(statement).await[0].get(0)
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }

    /// The rows of all tables that orders live in, as one number each: what a command that changes nothing leaves alone.
    pub(crate) async fn fingerprint(&self) -> Vec<(String, i64)> {
        // What follows the feed gets there later, whatever a command does now.
        let tables = "SELECT table_name::text FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
            AND table_name NOT IN ('feed_cursors', 'leases', 'parked_orders', 'projections', 'order_search', 'order_stats_daily')
            ORDER BY 1";
        let mut fingerprint = vec![];
        for table in self.rows(tables).await {
            let table: String = table.get(0);
            let hash = format!(
                "SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric % 1000000007), 0)::bigint FROM {table} t"
            );
            let hash = self.number(&hash).await;
            fingerprint.push((table, hash));
        }
        fingerprint
    }
}
