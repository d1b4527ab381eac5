//! Pages of many customers in one statement: each caller gets its own, as if it had been read alone.

use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use futures_util::future::join_all;
use local_stack::TestDatabase;
use query_application::{
    Direction, Filter, Listed, Listing, OrderReadRepository, OrderSummary, ReadError, SortField, Start, Term,
};
use shared_domain::{CustomerId, TenantId};
use shared_infrastructure::batching::Limits;

use super::{
    PATIENCE,
    data::{generated, tenant},
    reading,
};
use crate::persistence::PostgresOrderReadRepository;

/// A repository with one connection, and one to change things.
async fn bed() -> (PostgresOrderReadRepository, Pool<AsyncPgConnection>, AsyncPgConnection, TestDatabase) {
    let (database, connection) = generated().await;
    let manager = AsyncDieselConnectionManager::new(database.url());
    let pool = Pool::builder(manager).max_size(1).build().unwrap();
    let limits = Limits { lanes: 1, batch: 100, waiting: 100 };
    let repository = PostgresOrderReadRepository::new(pool.clone(), pool.clone(), limits, PATIENCE);
    (repository, pool, connection, database)
}

fn newest(customer: &str, start: Start, limit: usize) -> Listing {
    let filter = Filter { terms: vec![Term::Customer(CustomerId::new(customer).unwrap())] };
    Listing { filter, start, direction: Direction::Descending, limit }
}

fn first(customer: &str, limit: usize) -> Listing {
    newest(customer, Start::First(SortField::CreateTime), limit)
}

/// The same list in words that make it a statement of its own.
fn alone(listing: &Listing) -> Listing {
    let terms = [&listing.filter.terms[..], &listing.filter.terms[..]].concat();
    Listing { filter: Filter { terms }, ..listing.clone() }
}

async fn read(
    repository: &PostgresOrderReadRepository,
    wanted: &[(TenantId, Listing)],
) -> Vec<Result<Vec<Listed<OrderSummary>>, ReadError>> {
    let page = async |(tenant, listing): &(TenantId, Listing)| {
        Ok(repository.list_summaries(&reading(tenant), listing).await?.items)
    };
    join_all(wanted.iter().map(page)).await
}

#[tokio::test]
async fn each_gets_its_own_page_wherever_it_starts() {
    let (repository, _pool, _connection, _database) = bed().await;
    let other = TenantId::new("other").unwrap();
    let mut wanted = vec![
        (tenant(), first("c-1", 21)),
        (tenant(), first("c-2", 1)),
        (other.clone(), first("c-1", 51)),
        (tenant(), first("nobody", 21)),
        (tenant(), first("c-199", 201)),
    ];
    for page in 0..6 {
        let pages = read(&repository, &wanted).await;
        for ((tenant, listing), read) in wanted.iter_mut().zip(pages) {
            let read = read.unwrap();
            assert_eq!(
                read,
                repository.list_summaries(&reading(tenant), &alone(listing)).await.unwrap().items,
                "{listing:?}"
            );
            assert!(page > 0 || read.len() == listing.limit.min(available(tenant, listing)), "{listing:?}");
            if let Some(last) = read.last() {
                listing.start = Start::After(last.position.clone());
            }
        }
    }
}

/// How many orders of the customer there are.
fn available(tenant: &TenantId, listing: &Listing) -> usize {
    match (tenant.as_str(), &listing.filter.terms[0]) {
        (_, Term::Customer(customer)) if customer.as_str() == "nobody" => 0,
        ("acme", _) => 100,
        _ => 25,
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[tokio::test]
async fn callers_share_a_statement() {
    let (repository, pool, _connection, _database) = bed().await;
    let wanted: Vec<_> = (1..=9).map(|n| (tenant(), first(&format!("c-{n}"), 21))).collect();
    for page in read(&repository, &wanted).await {
        assert_eq!(page.unwrap().len(), 21);
    }
    let query = "SELECT coalesce(sum(generic_plans + custom_plans), 0)::bigint AS count
                 FROM pg_prepared_statements WHERE starts_with(statement, 'SELECT k.caller, (SELECT')";
    let mut connection = pool.get().await.unwrap();
    let statements: Count = diesel::sql_query(query).get_result(&mut connection).await.unwrap();
    assert!(
        statements.count <= 2,
        "all asked before the second statement at the latest: {}",
        statements.count
    );
}

#[tokio::test]
async fn a_corrupt_row_fails_for_those_who_asked_for_it() {
    let (repository, _pool, mut connection, _database) = bed().await;
    let corrupt = "UPDATE orders SET basic_view = NULL, tags = '[1]' WHERE customer_id = 'c-7'";
    connection.batch_execute(corrupt).await.unwrap();
    let wanted = ["c-6", "c-7", "c-8"].map(|customer| (tenant(), first(customer, 21)));
    let pages = read(&repository, &wanted).await;
    assert!(matches!(pages[1], Err(ReadError::Failed(_))), "{:?}", pages[1]);
    assert_eq!([&pages[0], &pages[2]].map(|page| page.as_ref().unwrap().len()), [21, 21]);
}
