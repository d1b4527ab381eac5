//! How many rows the reads of single orders touch, counted by PostgreSQL itself, often enough for it to have settled on
//! its plans.

use std::time::Duration;

use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use query_application::{Filter, LookupKey, OrderReadRepository};
use shared_domain::{
    Code, ExternalId, ExternalReference, OrderId, OrderNumber, Provider, ProviderReference, TrackingNumber,
};
use uuid::Uuid;

use super::data::{generated, tenant};
use super::{LIMITS, PATIENCE, reading};
use crate::persistence::PostgresOrderReadRepository;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(connection: &mut AsyncPgConnection, query: &str) -> i64 {
    let counts: Vec<Count> = diesel::sql_query(query).load(connection).await.unwrap();
    counts[0].count
}

/// Rows that were read so far, found by an index or by a scan, on tables of ours.
const ROWS_READ: &str = "SELECT (sum(seq_tup_read) + coalesce(sum(idx_tup_fetch), 0)
    + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes))::bigint AS count FROM pg_stat_user_tables";

/// Sessions of the repository; what they read is counted at the latest when they end.
const SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

const ROUNDS: i64 = 20;

#[tokio::test]
async fn an_order_is_found_by_touching_a_handful_of_rows() {
    let (database, mut connection) = generated().await;
    let reference = |id: &str| ProviderReference::new(id).unwrap();
    let stripe = || Provider::new("stripe").unwrap();
    let shop =
        ExternalReference { source: Code::new("shop").unwrap(), id: ExternalId::new("x-400").unwrap() };
    let keys = [
        LookupKey::OrderNumber(OrderNumber::stored("ORD-400".into())),
        LookupKey::ExternalReference(shop),
        LookupKey::ProviderReference(stripe(), reference("400")),
        LookupKey::ProviderReference(stripe(), reference("ch400")),
        LookupKey::TrackingNumber(TrackingNumber::new("400").unwrap()),
    ];
    let order = OrderId::referring(Uuid::parse_str(&format!("{:0>32}", 400)).unwrap());
    let before = count(&mut connection, ROWS_READ).await;

    let pool = Pool::builder(AsyncDieselConnectionManager::new(database.url())).max_size(1).build().unwrap();
    let (repository, context) =
        (PostgresOrderReadRepository::new(pool.clone(), pool.clone(), LIMITS, PATIENCE), reading(&tenant()));
    let mut reads = 0;
    for _ in 0..ROUNDS {
        for key in &keys {
            assert_eq!(repository.lookup(&context, key).await.unwrap().unwrap().order, order, "{key:?}");
        }
        assert!(repository.current(&context, order).await.unwrap().is_some());
        assert_eq!(repository.batch(&context, &[order]).await.unwrap().len(), 1);
        assert!(repository.last_until_version(&context, order, 9).await.unwrap().is_some());
        assert!(
            repository
                .last_until_time(&context, order, "2027-01-01T00:00:00Z".parse().unwrap())
                .await
                .is_ok()
        );
        assert_eq!(repository.history(&context, order, 1, 51).await.unwrap().len(), 1);
        reads += i64::try_from(keys.len()).unwrap() + 5;
    }

    pool.close();
    drop(repository);
    while count(&mut connection, SESSIONS).await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let rows = count(&mut connection, ROWS_READ).await - before;
    assert!((reads..reads * 12).contains(&rows), "{reads} reads touched {rows} rows");
}

#[tokio::test]
async fn orders_are_counted_up_to_a_limit_and_no_further() {
    let (database, mut connection) = generated().await;
    let pool = Pool::builder(AsyncDieselConnectionManager::new(database.url())).max_size(1).build().unwrap();
    let repository = PostgresOrderReadRepository::new(pool.clone(), pool.clone(), LIMITS, PATIENCE);
    let context = reading(&tenant());
    let before = count(&mut connection, ROWS_READ).await;
    for (most, counted) in [(100, 100), (0, 0)] {
        let found = repository.count(&context, &Filter::default(), most, PATIENCE).await;
        assert_eq!(found.unwrap(), Some(counted));
    }
    pool.close();
    drop(repository);
    while count(&mut connection, SESSIONS).await > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let read = count(&mut connection, ROWS_READ).await - before;
    assert!(read < 1_000, "{read} rows were read for a hundred");

    let pool = Pool::builder(AsyncDieselConnectionManager::new(database.url())).max_size(1).build().unwrap();
    let repository = PostgresOrderReadRepository::new(pool.clone(), pool, LIMITS, PATIENCE);
    for (within, counted) in [(PATIENCE, Some(20_000)), (Duration::ZERO, None)] {
        let found = repository.count(&context, &Filter::default(), 1_000_000, within).await;
        assert_eq!(found.unwrap(), counted);
    }
}
