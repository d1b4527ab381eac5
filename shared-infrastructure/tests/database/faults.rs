//! What PostgreSQL's and the driver's errors are taken for.

use diesel::QueryResult;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use shared_infrastructure::database::{Access, Connection, Fault};

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
