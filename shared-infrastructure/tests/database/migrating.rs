//! The schema on its way up and down.

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::MigrationHarness;
use shared_infrastructure::{
    database::{
        Access,
        migrations::{self, MIGRATIONS, SchemaState},
    },
    start::StartError,
};

use crate::{config, empty_database, pool};

#[tokio::test(flavor = "multi_thread")]
async fn up_down_and_up_again() {
    let database = empty_database().await;
    let pool = pool(database.url(), Access::ReadOnly);
    let SchemaState::Behind { pending } = migrations::check(&pool).await.unwrap() else {
        panic!("not behind")
    };
    assert_eq!(pending[0], "2026-11-22-000001_orders");

    let applied = migrations::run_pending(&config(&database)).await.unwrap();
    assert_eq!(applied.len(), pending.len());
    assert_eq!(migrations::check(&pool).await.unwrap(), SchemaState::Current);
    assert_eq!(migrations::run_pending(&config(&database)).await.unwrap(), Vec::<String>::new());

    revert(database.url()).await;
    assert_eq!(migrations::check(&pool).await.unwrap(), SchemaState::Behind { pending });
    assert!(matches!(migrations::ensure_current(&pool).await, Err(StartError::SchemaBehind { .. })));

    migrations::run_pending(&config(&database)).await.unwrap();
    migrations::ensure_current(&pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_can_migrate_at_once() {
    let database = empty_database().await;
    let all: Vec<_> = (0..4)
        .map(|_| {
            let config = config(&database);
            tokio::spawn(async move { migrations::run_pending(&config).await.unwrap().len() })
        })
        .collect();
    let mut busy = 0;
    for one in all {
        busy += usize::from(one.await.unwrap() > 0);
    }
    assert_eq!(busy, 1);
    assert_eq!(
        migrations::check(&pool(database.url(), Access::ReadOnly)).await.unwrap(),
        SchemaState::Current
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_noticed_and_served() {
    let database = empty_database().await;
    migrations::run_pending(&config(&database)).await.unwrap();
    let pool = pool(database.url(), Access::ReadWrite);
    let future =
        diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')");
    diesel_async::RunQueryDsl::execute(future, &mut pool.get().await.unwrap()).await.unwrap();
    let unknown = vec!["29990101000000".to_owned()];
    assert_eq!(migrations::check(&pool).await.unwrap(), SchemaState::Ahead { unknown });
    migrations::ensure_current(&pool).await.unwrap();
}

async fn revert(url: &str) {
    let connection = AsyncPgConnection::establish(url).await.unwrap();
    let reverting = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        harness
            .revert_all_migrations(MIGRATIONS)
            .map(|reverted| reverted.len())
            .map_err(|error| error.to_string())
    });
    assert!(reverting.await.unwrap().unwrap() > 0);
}
