//! What PostgreSQL's and the driver's errors are taken for.

use std::time::Duration;

use diesel::QueryResult;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};
use shared_infrastructure::database::{Access, Connection, Fault, is_last};

use crate::{empty_database, pool};

async fn run(connection: &mut Connection, sql: &str) -> QueryResult<usize> {
    diesel::sql_query(sql).execute(connection).await
}

#[tokio::test]
async fn statements_that_fail() {
    let database = empty_database().await;
    let pool = pool(database.url(), Access::ReadWrite);
    let mut connection = pool.get().await.unwrap();
    connection
        .batch_execute("CREATE TABLE t (id int CONSTRAINT one_each UNIQUE); INSERT INTO t VALUES (1)")
        .await
        .unwrap();

    let fault = |result: QueryResult<usize>| Fault::from(&result.unwrap_err());
    let constraint = "one_each".to_owned();
    assert_eq!(
        fault(run(&mut connection, "INSERT INTO t VALUES (1)").await),
        Fault::UniqueViolation { constraint }
    );
    assert_eq!(fault(run(&mut connection, "SELECT pg_sleep(5)").await), Fault::Interrupted);
    assert_eq!(fault(run(&mut connection, "SELECT nonsense").await), Fault::Other);
    assert_eq!(fault(run(&mut connection, "SELECT 1 / 0").await), Fault::Other);
}

#[tokio::test]
async fn connections_that_break_are_replaced() {
    let database = empty_database().await;
    let pool = pool(database.url(), Access::ReadWrite);
    let mut connection = pool.get().await.unwrap();
    let broken = run(&mut connection, "SELECT pg_terminate_backend(pg_backend_pid())").await.unwrap_err();
    assert_eq!(Fault::from(&broken), Fault::Unavailable, "{broken:?}");
    let gone = run(&mut connection, "SELECT 1").await.unwrap_err();
    assert_eq!(Fault::from(&gone), Fault::Unavailable, "{gone:?}");
    drop(connection);
    run(&mut pool.get().await.unwrap(), "SELECT 1").await.unwrap();
}

#[tokio::test]
async fn a_pool_that_cannot_lend() {
    let database = empty_database().await;
    let pool_of_two = pool(database.url(), Access::ReadWrite);
    let _both = (pool_of_two.get().await.unwrap(), pool_of_two.get().await.unwrap());
    assert_eq!(Fault::from(&pool_of_two.get().await.err().unwrap()), Fault::Exhausted);

    let nobody_listens = pool("postgres://postgres@127.0.0.1:1/none", Access::ReadWrite);
    assert_eq!(Fault::from(&nobody_listens.get().await.err().unwrap()), Fault::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_goes_on_without_a_statement_is_unavailable_to_it() {
    let options = PostgresOptions {
        storage: Storage::ThrowAway,
        durability: Durability::None,
        settings: vec![("max_standby_streaming_delay".into(), "0".into())],
    };
    let (primary, standby) = tokio::task::spawn_blocking(move || {
        let primary = PostgresServer::start(&options).unwrap();
        let standby = primary.start_standby(Duration::ZERO).unwrap();
        (primary, standby)
    })
    .await
    .unwrap();
    let (there, here) = (primary.url("postgres"), standby.url("postgres"));
    let (mut there, mut here) =
        (Connection::establish(&there).await.unwrap(), Connection::establish(&here).await.unwrap());
    run(&mut there, "CREATE TABLE numbers AS SELECT 1 AS number").await.unwrap();
    while run(&mut here, "SELECT number FROM numbers").await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // What it reads from goes away.
    let reading = tokio::spawn(async move { run(&mut here, "SELECT pg_sleep(30) FROM numbers").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    run(&mut there, "DROP TABLE numbers").await.unwrap();
    let conflict = reading.await.unwrap().unwrap_err();
    assert_eq!(Fault::from(&conflict), Fault::Unavailable, "{conflict:?}");
    assert!(is_last(&conflict));
}
