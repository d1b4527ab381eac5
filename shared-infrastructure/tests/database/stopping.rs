//! Statements that nobody waits for any more.

use std::time::Duration;

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use shared_infrastructure::database::{Pool, StatementError, run_to_the_end, run_unless, run_while_awaited};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{empty_database, patient_pool};

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Waits until the query counts so many.
async fn counts(pool: &Pool, query: &str, expected: i64) {
    let counted = async {
        loop {
            let connection = &mut pool.get().await.unwrap();
            if diesel::sql_query(query).get_result::<Count>(connection).await.unwrap().count == expected {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), counted).await.expect(query);
}

/// What is under way in the database besides this question.
const BUSY: &str = "SELECT count(*) FROM pg_stat_activity \
                    WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()";

const TABLES: &str = "SELECT count(*) FROM pg_class WHERE relname = 't'";

#[tokio::test]
async fn what_is_stopped_ends_in_the_database_too() {
    let database = empty_database().await;
    let [pool, other] = [(); 2].map(|()| patient_pool(database.url()));
    let stopped = CancellationToken::new();
    let sleeping = run_unless(&pool, PATIENCE, &stopped, |connection| {
        diesel::sql_query("SELECT pg_sleep(60)").execute(connection).boxed()
    });
    let stopping = async {
        sleep(Duration::from_millis(50)).await;
        stopped.cancel();
    };
    let (result, ()) = timeout(PATIENCE, async { tokio::join!(sleeping, stopping) }).await.unwrap();
    assert!(matches!(result, Err(StatementError::Stopped)), "{result:?}");
    counts(&other, BUSY, 0).await;
    drop(pool.get().await.expect("another connection"));
}

#[tokio::test]
async fn a_caller_who_leaves_takes_his_statement_along_unless_it_goes_on_without_him() {
    let database = empty_database().await;
    let [pool, other] = [(); 2].map(|()| patient_pool(database.url()));
    let leave = Duration::from_millis(100);
    let awaited = run_while_awaited(&pool, PATIENCE, |connection| {
        diesel::sql_query("SELECT pg_sleep(60)").execute(connection).boxed()
    });
    assert!(timeout(leave, awaited).await.is_err());
    counts(&other, BUSY, 0).await;

    let table = diesel::sql_query("CREATE TABLE t AS SELECT 1 FROM pg_sleep(0.4)");
    let to_the_end =
        run_to_the_end(&pool, PATIENCE, move |connection| table.clone().execute(connection).boxed());
    assert!(timeout(leave, to_the_end).await.is_err());
    counts(&other, TABLES, 1).await;
}
