//! Databases for tests: copies of one template that know nothing of each other.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::support::query;
use local_stack::{TestDatabase, TestPostgres};

static MIGRATIONS: AtomicU32 = AtomicU32::new(0);

async fn database() -> TestDatabase {
    let migrate = async |url: String| {
        MIGRATIONS.fetch_add(1, Ordering::Relaxed);
        query(&url, "CREATE TABLE things (name text); INSERT INTO things VALUES ('from the template')")
            .await
            .map(drop)
    };
    TestPostgres::shared().await.unwrap().template(migrate).await.unwrap().database().await.unwrap()
}

#[tokio::test]
async fn two_databases_of_one_template_are_independent() {
    let (left, right) = tokio::join!(database(), database());
    assert_ne!(left.name(), right.name());
    query(left.url(), "INSERT INTO things VALUES ('left')").await.unwrap();
    query(right.url(), "DROP TABLE things").await.unwrap();
    assert_eq!(query(left.url(), "SELECT count(*) FROM things").await.unwrap(), "2");
    assert_eq!(query(database().await.url(), "SELECT name FROM things").await.unwrap(), "from the template");
    assert_eq!(MIGRATIONS.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_dropped_database_goes_with_its_connections() {
    let database = database().await;
    let (url, name) = (database.url().to_owned(), database.name().to_owned());
    let (_client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    drop(database);
    let admin = TestPostgres::shared().await.unwrap().server().url("postgres");
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    for _ in 0..200 {
        if query(&admin, &count).await.unwrap() == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{name} is still there");
}

#[tokio::test]
async fn an_empty_database_is_empty() {
    let database = TestPostgres::shared().await.unwrap().empty_database().await.unwrap();
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(query(database.url(), tables).await.unwrap(), "0");
}
