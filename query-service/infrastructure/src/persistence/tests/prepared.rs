//! Which statements a connection keeps prepared: those that come again and again, and no more. Those it plans a few times only.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use diesel_async::{
    RunQueryDsl,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use query_application::{
    Direction, Filter, Listing, LookupKey, OneOf, OrderReadRepository, SortField, Start, Term,
};
use shared_domain::{Code, CustomerId, OrderId, OrderState, TrackingNumber};
use uuid::Uuid;

use super::data::{empty, generated, tenant};
use super::{LIMITS, PATIENCE, reading};
use crate::persistence::PostgresOrderReadRepository;

#[derive(QueryableByName)]
struct Prepared {
    #[diesel(sql_type = Text)]
    statement: String,
}

fn listing(terms: Vec<Term>) -> Listing {
    let start = Start::First(SortField::CreateTime);
    Listing { filter: Filter { terms }, start, direction: Direction::Descending, limit: 51 }
}

#[tokio::test]
async fn common_statements_are_prepared_once_and_others_are_not_kept() {
    let (database, _connection) = empty().await;
    let pool = Pool::builder(AsyncDieselConnectionManager::new(database.url())).max_size(1).build().unwrap();
    let (repository, context) =
        (PostgresOrderReadRepository::new(pool.clone(), pool.clone(), LIMITS, PATIENCE), reading(&tenant()));
    let tag = Term::Tag(Code::new("gift").unwrap());
    let customer = Term::Customer(CustomerId::new("c-1").unwrap());
    let states = |states: &[OrderState]| Term::State(OneOf::In(states.to_vec()));
    for round in 0..5_u128 {
        let order = OrderId::referring(Uuid::from_u128(round));
        repository.current(&context, order).await.unwrap();
        repository.last_until_version(&context, order, 1).await.unwrap();
        repository.last_until_time(&context, order, "2026-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
        repository.batch(&context, &[order; 3]).await.unwrap();
        repository.history(&context, order, 1, 51).await.unwrap();
        let key = LookupKey::TrackingNumber(TrackingNumber::new("1").unwrap());
        repository.lookup(&context, &key).await.unwrap();
        repository.list_summaries(&context, &listing(Vec::new())).await.unwrap();
        repository.list_summaries(&context, &listing(vec![customer.clone()])).await.unwrap();
        for some in [&[OrderState::Placed, OrderState::Draft][..], &OrderState::ALL] {
            repository.list_details(&context, &listing(vec![states(some)])).await.unwrap();
        }
        for terms in 1..=20 {
            repository.list_summaries(&context, &listing(vec![tag.clone(); terms])).await.unwrap();
            repository.count(&context, &listing(vec![tag.clone(); terms]).filter, 9, PATIENCE).await.unwrap();
        }
    }
    let mut connection = pool.get().await.unwrap();
    let query = diesel::sql_query("SELECT statement FROM pg_prepared_statements");
    let prepared: Vec<Prepared> = query.load(&mut connection).await.unwrap();
    let texts: Vec<_> = prepared.iter().map(|prepared| prepared.statement.as_str()).collect();
    let of_ours: Vec<_> = texts.iter().filter(|text| text.contains("order_")).collect();
    assert_eq!(of_ours.len(), 8, "{of_ours:#?}");
}

#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = BigInt)]
    custom_plans: i64,
}

/// PostgreSQL plans a prepared statement five times for its values before it may settle on a plan for any.
#[tokio::test]
async fn common_lists_are_soon_not_planned_any_more() {
    let (database, _connection) = generated().await;
    let pool = Pool::builder(AsyncDieselConnectionManager::new(database.url())).max_size(1).build().unwrap();
    let repository = PostgresOrderReadRepository::new(pool.clone(), pool.clone(), LIMITS, PATIENCE);
    let customer = |round| Term::Customer(CustomerId::new(format!("c-{round}")).unwrap());
    let confirmed = || Term::State(OneOf::In(vec![OrderState::Confirmed]));
    for round in 0..10 {
        for terms in [vec![], vec![confirmed()], vec![customer(round)]] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let first = Listing { direction, ..listing(terms.clone()) };
                let orders = repository.list_summaries(&reading(&tenant()), &first).await.unwrap().items;
                // The later pages of a state are planned for their values: PostgreSQL takes that to be cheaper.
                if terms != [confirmed()] {
                    let start = Start::After(orders[20].position.clone());
                    repository
                        .list_summaries(&reading(&tenant()), &Listing { start, ..first })
                        .await
                        .unwrap();
                }
            }
        }
    }
    let query = "SELECT statement, custom_plans FROM pg_prepared_statements
                 WHERE statement LIKE '%order_summaries%' AND generic_plans + custom_plans >= 10";
    let planned: Vec<Planned> = diesel::sql_query(query).load(&mut pool.get().await.unwrap()).await.unwrap();
    let again = planned.iter().filter(|planned| planned.custom_plans > 5);
    let again: Vec<_> = again.map(|planned| planned.statement.as_str()).collect();
    assert!(again.is_empty(), "{again:#?}");
    assert_eq!(planned.len(), 9);
}
