//! Reads that are cut, and connections that outlive a change of the schema.

use std::time::Duration;

use diesel::{QueryDsl, QueryableByName, sql_types::Integer};
use diesel_async::{
    RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool},
};
use futures_util::FutureExt;
use query_application::ReadError;
use tokio::time::{sleep, timeout};

use super::{PATIENCE, data::empty};
use crate::persistence::session::{self, Connections};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Integer)]
    number: i32,
}

/// A pool that hands connections out as they came back, as the service's does.
fn pool(url: &str, size: usize) -> Connections {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Connections { pool: Pool::builder(manager).max_size(size).build().unwrap(), patience: PATIENCE }
}

async fn numbers(pool: &Connections, query: &'static str) -> Result<Vec<i32>, ReadError> {
    let reading = session::read(pool, move |connection| diesel::sql_query(query).load(connection).boxed());
    let rows: Vec<Number> = reading.await?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_reads_stop_and_leave_their_connections_free() {
    let (database, mut connection) = empty().await;
    let pool = pool(database.url(), 2);
    for _ in 0..20 {
        let slow = numbers(&pool, "SELECT 1 AS number FROM pg_sleep(30)");
        assert!(timeout(Duration::from_millis(50), slow).await.is_err());
    }
    let quick = timeout(Duration::from_secs(2), numbers(&pool, "SELECT 7 AS number")).await;
    assert_eq!(quick.unwrap().unwrap(), [7]);
    sleep(Duration::from_millis(500)).await;
    let busy = diesel::sql_query(
        "SELECT 1 AS number FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'",
    );
    assert_eq!(busy.load::<Number>(&mut connection).await.unwrap().len(), 0);
}

/// A read that ends just as it is cut: its cancellation must not hit whoever has the connection next.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_never_hits_the_next_read() {
    let (database, _connection) = empty().await;
    let pool = pool(database.url(), 1);
    for round in 0..100 {
        let ending = numbers(&pool, "SELECT 1 AS number FROM pg_sleep(0.02)");
        timeout(Duration::from_micros(20_000 + round * 20), ending).await.ok();
        let next = numbers(&pool, "SELECT 7 AS number FROM pg_sleep(0.01)").await;
        assert_eq!(next.unwrap(), [7], "in round {round}");
    }
}

diesel::table! {
    t (name) {
        name -> Text,
    }
}

#[tokio::test]
async fn a_statement_prepared_before_a_change_of_the_schema_is_prepared_anew() {
    let (database, mut connection) = empty().await;
    connection.batch_execute("CREATE TABLE t AS SELECT 'seven' AS name").await.unwrap();
    let pool = pool(database.url(), 2);
    for change in ["SELECT 1", "SELECT 1", "ALTER TABLE t ALTER name TYPE varchar"] {
        connection.batch_execute(change).await.unwrap();
        let names: Result<Vec<String>, _> =
            session::read(&pool, |connection| t::table.select(t::name).load(connection).boxed()).await;
        assert_eq!(names.unwrap(), ["seven"], "after {change}");
    }
}
