//! How PostgreSQL goes about lists: along an index that has the rows in their order, wherever the page is. And about reads by
//! id: from key to key, however many.

use diesel::{
    debug_query,
    dsl::sql,
    prelude::*,
    sql_types::{Integer, Json, Text},
};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use query_application::{
    Cursor, Direction, Filter, Listing, OneOf, OrderReadRepository, SortField, SortKey, Start, Term,
};
use serde_json::Value;
use shared_domain::{CustomerId, OrderId, OrderNumber, OrderState, Timestamp};
use uuid::Uuid;

use super::{
    LIMITS, PATIENCE,
    data::{few, generated, tenant},
    explained::Explained,
    reading,
};
use crate::persistence::{
    PostgresOrderReadRepository,
    listing::{Stretch, stretch, stretches},
    models::{FullRow, SummaryRow},
    statement::AtLeast,
};

/// A node of a plan, with those it gets its rows from.
fn nodes(plan: &Value) -> Vec<&Value> {
    let inputs = plan["Plans"].as_array().into_iter().flatten();
    [plan].into_iter().chain(inputs.flat_map(nodes)).collect()
}

/// All nodes of the plan that a stretch's statement has for any values.
async fn plan(
    connection: &mut AsyncPgConnection,
    listing: &Listing,
    part: Stretch,
    full: bool,
) -> Vec<Value> {
    let tenant = tenant();
    let (rows, query) = (listing.limit, stretch(&tenant, listing, part));
    let text = match full {
        true => debug_query(&AtLeast { rows, query: query.select(FullRow::as_select()) }).to_string(),
        false => debug_query(&AtLeast { rows, query: query.select(SummaryRow::as_select()) }).to_string(),
    };
    let (statement, _values) = text.split_once(" -- binds").unwrap();
    let prepare = format!("SET plan_cache_mode = force_generic_plan; PREPARE list AS {statement}");
    connection.batch_execute(&prepare).await.unwrap();
    let plan = plan_of_prepared(connection, "list").await;
    connection.batch_execute("DEALLOCATE list").await.unwrap();
    nodes(&plan).into_iter().cloned().collect()
}

#[derive(QueryableByName)]
struct Prepared {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    parameters: i32,
}

/// The plan of the prepared statement whose name or text starts with `start`, whatever its parameters are.
async fn plan_of_prepared(connection: &mut AsyncPgConnection, start: &str) -> Value {
    let find = "SELECT name, cardinality(parameter_types) AS parameters FROM pg_prepared_statements
                WHERE name = $1 OR starts_with(statement, $1)";
    let found = diesel::sql_query(find).bind::<Text, _>(start).get_result::<Prepared>(connection);
    let Prepared { name, parameters } = found.await.unwrap();
    let unknown = vec!["NULL"; usize::try_from(parameters).unwrap()].join(", ");
    let plan = Explained(sql::<Json>(&format!("EXECUTE \"{name}\" ({unknown})")));
    let plans: Vec<Value> = plan.load(connection).await.unwrap();
    plans[0][0]["Plan"].clone()
}

/// Demands that the rows come from this index as they are, and nothing else is read but what the view joins.
fn assert_walks(nodes: &[Value], index: &str, full: bool, what: &str) {
    let texts =
        |key: &str| nodes.iter().filter_map(|node| node[key].as_str().map(str::to_owned)).collect::<Vec<_>>();
    let joined = if full { vec![index, "order_history_pkey"] } else { vec![index] };
    assert_eq!(texts("Index Name"), joined, "{what}: {nodes:#?}");
    let kinds = texts("Node Type");
    let harmless = ["Limit", "Nested Loop", "Index Scan"];
    assert!(kinds.iter().all(|kind| harmless.contains(&kind.as_str())), "{what}: {kinds:?}");
    let filters = nodes.iter().filter(|node| !node["Filter"].is_null() || !node["Join Filter"].is_null());
    assert_eq!(filters.count(), 0, "{what}: {nodes:#?}");
}

/// The index that has the rows of a stretch in their order.
fn index(part: &Stretch) -> &'static str {
    match part {
        Stretch::CreateTime(_) => "orders_by_create_time",
        Stretch::UpdateTime(_) => "orders_by_update_time",
        Stretch::Total(_) => "orders_by_total",
        Stretch::PlaceTime(_) | Stretch::Unplaced(_) => "orders_by_place_time",
        Stretch::OrderNumber(_) => "orders_order_number",
    }
}

/// A position in the middle of a list.
fn after(key: SortKey) -> Start {
    Start::After(Cursor { key, order: OrderId::referring(Uuid::from_u128(0x9000)) })
}

fn middle() -> Timestamp {
    "2026-01-04T00:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn every_order_by_walks_an_index() {
    let (_database, mut connection) = generated().await;
    let inside = [
        SortKey::CreateTime(middle()),
        SortKey::UpdateTime(middle()),
        SortKey::Total(2_500),
        SortKey::PlaceTime(Some(middle())),
        SortKey::PlaceTime(None),
        SortKey::OrderNumber(Some(OrderNumber::stored("ORD-5".into()))),
        SortKey::OrderNumber(None),
    ];
    for start in SortField::ALL.map(Start::First).into_iter().chain(inside.map(after)) {
        for direction in [Direction::Ascending, Direction::Descending] {
            let listing = Listing { filter: Filter::default(), start: start.clone(), direction, limit: 51 };
            for part in stretches(&start) {
                for full in [false, true] {
                    let what = format!("{start:?} {direction:?} {part:?} {full}");
                    let nodes = plan(&mut connection, &listing, part.clone(), full).await;
                    assert_walks(&nodes, index(&part), full, &what);
                }
            }
        }
    }
}

#[tokio::test]
async fn lists_of_a_customer_or_a_state_walk_an_index() {
    let (_database, mut connection) = generated().await;
    let customer = Term::Customer(CustomerId::new("c-42").unwrap());
    let state = Term::State(OneOf::In(vec![OrderState::Confirmed]));
    for (term, index) in [(customer, "orders_by_customer"), (state, "orders_by_state")] {
        for start in [Start::First(SortField::CreateTime), after(SortKey::CreateTime(middle()))] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let filter = Filter { terms: vec![term.clone()] };
                let listing = Listing { filter, start: start.clone(), direction, limit: 51 };
                let part = stretches(&start).remove(0);
                let what = format!("{term:?} {start:?} {direction:?}");
                assert_walks(&plan(&mut connection, &listing, part, false).await, index, false, &what);
            }
        }
    }
}

/// One connection as the service has them, where each statement has the plan for any values.
async fn session(url: &str) -> Pool<AsyncPgConnection> {
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
    let pool = Pool::builder(manager).max_size(1).build().unwrap();
    let settings = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";
    pool.get().await.unwrap().batch_execute(settings).await.unwrap();
    pool
}

/// The plan that the statement for reads by id has for any keys.
async fn plan_of_reads_by_id(url: &str) -> Value {
    let pool = session(url).await;
    let repository = PostgresOrderReadRepository::new(pool.clone(), pool.clone(), LIMITS, PATIENCE);
    repository.current(&reading(&tenant()), OrderId::referring(Uuid::from_u128(1))).await.unwrap();
    plan_of_prepared(&mut pool.get().await.unwrap(), "SELECT k.caller, d.").await
}

#[tokio::test]
async fn pages_of_customers_walk_an_index_from_where_they_start() {
    let (much, _connection) = generated().await;
    let (little, _connection) = few().await;
    for url in [much.url(), little.url()] {
        let pool = session(url).await;
        let repository = PostgresOrderReadRepository::new(pool.clone(), pool.clone(), LIMITS, PATIENCE);
        let filter = Filter { terms: vec![Term::Customer(CustomerId::new("c-42").unwrap())] };
        let start = Start::First(SortField::CreateTime);
        let listing = Listing { filter, start, direction: Direction::Descending, limit: 21 };
        repository.list_summaries(&reading(&tenant()), &listing).await.unwrap();
        let plan = plan_of_prepared(&mut pool.get().await.unwrap(), "SELECT k.caller, (SELECT").await;
        let nodes = nodes(&plan);
        let texts = |key: &str| nodes.iter().filter_map(|node| node[key].as_str()).collect::<Vec<_>>();
        assert_eq!(texts("Index Name"), ["orders_by_customer"], "{plan:#}");
        for part in ["tenant_id = ", "customer_id = ", "ROW(create_time, order_id) < "] {
            assert!(texts("Index Cond")[0].contains(part), "{plan:#}");
        }
        let harmless = ["Nested Loop", "Function Scan", "Result", "Limit", "Index Scan", "Subquery Scan"];
        assert!(texts("Node Type").iter().all(|kind| harmless.contains(kind)), "{plan:#}");
    }
}

#[tokio::test]
async fn reads_by_id_go_from_key_to_key_however_much_there_is() {
    let (much, _connection) = generated().await;
    let (little, _connection) = few().await;
    for url in [much.url(), little.url()] {
        let plan = plan_of_reads_by_id(url).await;
        let nodes = nodes(&plan);
        let texts = |key: &str| nodes.iter().filter_map(|node| node[key].as_str()).collect::<Vec<_>>();
        assert_eq!(texts("Index Name"), ["orders_pkey", "order_history_pkey"], "{plan:#}");
        let conditions = texts("Index Cond");
        assert!(conditions[0].contains("(order_id = k.order_id)"), "{plan:#}");
        assert!(conditions[1].contains("(version = o.version)"), "{plan:#}");
        let harmless = ["Nested Loop", "Function Scan", "Result", "Index Scan", "Subquery Scan"];
        assert!(texts("Node Type").iter().all(|kind| harmless.contains(kind)), "{plan:#}");
        let filters = nodes.iter().filter(|node| !node["Filter"].is_null() || !node["Join Filter"].is_null());
        assert_eq!(filters.count(), 0, "{plan:#}");
    }
}
