//! Reads of the projections: which index they go by, and what they say of what they lack.

use diesel::{
    QueryableByName,
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Float},
};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use local_stack::TestDatabase;
use query_application::{
    AggregateOrders, Dimension, Filter, Freshness, OneOf, OrderProjections, ReadContext, ReadError, Search,
    SearchWords, StatisticsFilter, Term,
};
use serde_json::Value;
use shared_domain::{Channel, OrderState};
use shared_infrastructure::search_words::Lexicon;

use super::{
    LIMITS, PATIENCE,
    data::{empty, generated, tenant},
    explained::Explained,
    reading,
};
use crate::persistence::{
    PostgresOrderReadRepository,
    filtering::matching,
    models::{FullRow, SummaryRow},
    projections::{Ranked, is_match},
    snapshot::SnapshotEnd,
    statement::AtLeast,
};

/// Words for the generated orders, as if all were of [`tenant`]: each has `thing`, one in ten `lamp`, and its number.
fn documents() -> String {
    let word = |word| Lexicon::of(tenant().as_str()).word(word);
    let (thing, number, lamp) = (word("thing"), word("NUMBER"), word("lamp"));
    format!(
        "INSERT INTO order_search SELECT 1, tenant_id, order_id, create_time,
            ('{thing}:1D ' || replace('{number}:1A', 'NUMBER', 'n' || total)
            || CASE WHEN total % 10 = 0 THEN ' {lamp}:1C' ELSE '' END)::tsvector
        FROM orders;
        ANALYZE order_search;"
    )
}

fn repository(database: &TestDatabase) -> PostgresOrderReadRepository {
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(database.url());
    let pool = Pool::builder(manager).max_size(1).build().unwrap();
    PostgresOrderReadRepository::new(pool.clone(), pool, LIMITS, PATIENCE)
}

fn search(words: &[&str], filter: Filter) -> Search {
    let required = words.iter().map(ToString::to_string).collect();
    Search { words: SearchWords { required, preferred: Vec::new() }, filter, after: None, limit: 51 }
}

/// All nodes of a search's plan.
async fn plan(connection: &mut AsyncPgConnection, search: &Search, full: bool) -> (Vec<Value>, Value) {
    fn nodes(plan: &Value) -> Vec<Value> {
        let inputs = plan["Plans"].as_array().into_iter().flatten();
        [plan.clone()].into_iter().chain(inputs.flat_map(nodes)).collect()
    }
    let tenant = tenant();
    let order = || matching(&tenant, &search.filter).filter(is_match());
    let rank = || sql::<Float>("m.rank");
    let plans: Vec<Value> = match full {
        true => {
            let order = order().select((FullRow::as_select(), rank(), SnapshotEnd));
            let query = AtLeast { rows: search.limit, query: Ranked::new(&tenant, search, order) };
            Explained(query).load(connection).await.unwrap()
        }
        false => {
            let order = order().select((SummaryRow::as_select(), rank(), SnapshotEnd));
            let query = AtLeast { rows: search.limit, query: Ranked::new(&tenant, search, order) };
            Explained(query).load(connection).await.unwrap()
        }
    };
    (nodes(&plans[0][0]["Plan"]), plans[0][0]["Plan"].clone())
}

#[tokio::test]
async fn words_are_looked_up_in_their_index_and_then_only_orders_of_the_page() {
    let (_much, mut much) = generated().await;
    much.batch_execute(&documents()).await.unwrap();
    let (_little, mut little) = empty().await;
    let state = Filter { terms: vec![Term::State(OneOf::In(vec![OrderState::Confirmed]))] };
    for connection in [&mut much, &mut little] {
        connection.batch_execute("SET enable_seqscan = off").await.unwrap();
        for filter in [Filter::default(), state.clone()] {
            for words in [&["thing"][..], &["lamp", "thing"], &["thing", "n77"]] {
                for full in [false, true] {
                    let (nodes, plan) = plan(connection, &search(words, filter.clone()), full).await;
                    let indexes: Vec<_> =
                        nodes.iter().filter_map(|node| node["Index Name"].as_str()).collect();
                    assert!(indexes.contains(&"order_search_documents"), "{plan:#}");
                    let order = nodes.iter().find(|node| node["Relation Name"] == "orders").unwrap();
                    assert_eq!(order["Index Name"], "orders_pkey", "{plan:#}");
                    let condition = order["Index Cond"].as_str().unwrap();
                    assert!(
                        condition.contains("order_id = ") && condition.contains("tenant_id = "),
                        "{plan:#}"
                    );
                    // What is found is sorted before any order is looked up.
                    let kinds: Vec<_> = nodes.iter().filter_map(|node| node["Node Type"].as_str()).collect();
                    let place = |kind| kinds.iter().position(|other| *other == kind).unwrap();
                    assert!(place("Nested Loop") < place("Sort"), "{plan:#}");
                    assert!(!kinds.contains(&"Seq Scan") || connection_is_small(&nodes), "{plan:#}");
                }
            }
        }
    }
}

/// The table of the projections has two rows: it may be read as a whole.
fn connection_is_small(nodes: &[Value]) -> bool {
    nodes
        .iter()
        .filter(|node| node["Node Type"] == "Seq Scan")
        .all(|node| node["Relation Name"] == "projections")
}

#[tokio::test]
async fn of_very_many_matches_some_are_ranked() {
    let (database, mut connection) = generated().await;
    connection.batch_execute(&documents()).await.unwrap();
    let repository = repository(&database);
    let context = reading(&tenant());
    let found = repository.search_summaries(&context, &search(&["thing"], Filter::default())).await.unwrap();
    assert_eq!(found.items.len(), 51);
    let all = Search { limit: 20_000, ..search(&["thing"], Filter::default()) };
    assert_eq!(repository.search_summaries(&context, &all).await.unwrap().items.len(), 10_000);
    let lamps = Search { limit: 20_000, ..search(&["lamp"], Filter::default()) };
    assert_eq!(repository.search_summaries(&context, &lamps).await.unwrap().items.len(), 2_000);
}

/// Statistics: for each of the first days of 2026 so many of `acme`, a group with sums that are larger than any integer, and another
/// tenant's.
const STATISTICS: &str = "
INSERT INTO order_stats_daily
SELECT 1, 'acme', date '2026-01-01' + n, CASE WHEN n % 2 = 0 THEN 'web' ELSE '' END, 'EUR', 2, 2, 2, 3, 1e19, -1e19
FROM generate_series(0, 9999) AS n;
INSERT INTO order_stats_daily VALUES (1, 'other', '2026-01-01', '', 'EUR', 2, 2, 2, 7, 7, 7);
INSERT INTO order_stats_daily VALUES (1, 'acme', '2026-01-01', '', 'JPY', 1, 2, 2, 1, 5, 5);
";

fn everything(group_by: Vec<Dimension>) -> AggregateOrders {
    let filter = StatisticsFilter::default();
    AggregateOrders { filter, first_day: None, last_day: None, group_by }
}

#[tokio::test]
async fn sums_are_exact_however_large() {
    let (database, mut connection) = empty().await;
    connection.batch_execute(STATISTICS).await.unwrap();
    let (repository, context) = (repository(&database), reading(&tenant()));
    let aggregates = repository.aggregate(&context, &everything(vec![]), 10).await.unwrap();
    let sums: Vec<_> =
        aggregates.groups.iter().map(|one| (one.order_count, one.total, one.balance)).collect();
    assert_eq!(sums, [(30_000, 10_i128.pow(23), -(10_i128.pow(23))), (1, 5, 5)]);

    let by_channel = everything(vec![Dimension::Channel, Dimension::State]);
    let aggregates = repository.aggregate(&context, &by_channel, 10).await.unwrap();
    let groups =
        aggregates.groups.into_iter().map(|one| (one.channel.unwrap(), one.state.unwrap(), one.order_count));
    let expected = [
        (String::new(), OrderState::Draft, 1),
        (String::new(), OrderState::Placed, 15_000),
        ("web".to_owned(), OrderState::Placed, 15_000),
    ];
    assert_eq!(groups.collect::<Vec<_>>(), expected);

    let by_day = everything(vec![Dimension::Day]);
    assert_eq!(repository.aggregate(&context, &by_day, 10_001).await.unwrap().groups.len(), 10_001);
    let one_day = AggregateOrders {
        filter: StatisticsFilter { channels: vec![Channel::new("web").unwrap()], ..Default::default() },
        first_day: "2026-01-02".parse().ok(),
        last_day: "2026-01-03".parse().ok(),
        ..by_day
    };
    let days = repository.aggregate(&context, &one_day, 10).await.unwrap().groups;
    assert_eq!(days.iter().map(|one| one.day.unwrap().to_string()).collect::<Vec<_>>(), ["2026-01-03"]);
}

#[derive(QueryableByName)]
struct LastTransaction {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[tokio::test]
async fn what_a_projection_lacks_is_not_said_to_be_in_it() {
    let (database, mut connection) = empty().await;
    let (repository, context) = (repository(&database), reading(&tenant()));
    let before = chrono::Utc::now();
    let aggregates = repository.aggregate(&context, &everything(vec![]), 10).await.unwrap();
    assert!(aggregates.as_of_time.unwrap() >= before, "there is nothing that it could lack");
    assert_eq!(aggregates.freshness, None);

    let commit = "INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind, actor_subject, events)
        VALUES ('acme', gen_random_uuid(), 1, now(), 1, 'ada', '');
        UPDATE projections SET complete_time = '2026-01-02T00:00:00Z'";
    connection.batch_execute(commit).await.unwrap();
    let aggregates = repository.aggregate(&context, &everything(vec![]), 10).await.unwrap();
    assert_eq!(aggregates.as_of_time, "2026-01-02T00:00:00Z".parse().ok());

    let last = sql_query("SELECT max(xid::text::bigint) AS id FROM order_history");
    let last: LastTransaction = last.get_result(&mut connection).await.unwrap();
    let last = u64::try_from(last.id).unwrap();
    let demanding = |transaction| ReadContext {
        at_least: Some(Freshness::of_transaction(transaction)),
        ..reading(&tenant())
    };
    let words = search(&["x"], Filter::default());
    for (transaction, lags) in [(1, false), (last, true)] {
        let context = demanding(transaction);
        let aggregated = repository.aggregate(&context, &everything(vec![]), 10).await;
        assert_eq!(matches!(aggregated, Err(ReadError::Lagging)), lags, "{transaction}");
        let found = repository.search_summaries(&context, &words).await;
        assert_eq!(matches!(found, Err(ReadError::Lagging)), lags, "{transaction}");
    }
    let caught_up = "UPDATE projections SET (xid, position) = (SELECT xid, position FROM order_history)";
    connection.batch_execute(caught_up).await.unwrap();
    let aggregates = repository.aggregate(&demanding(last), &everything(vec![]), 10).await.unwrap();
    assert_eq!(aggregates.freshness, Some(Freshness::of_transaction(last)));
    assert!(repository.search_details(&demanding(last), &words).await.is_ok());

    connection.batch_execute("UPDATE projections SET state = 'building'").await.unwrap();
    let aggregated = repository.aggregate(&context, &everything(vec![]), 10).await;
    assert!(matches!(aggregated, Err(ReadError::Lagging)));
    assert!(matches!(repository.search_summaries(&context, &words).await, Err(ReadError::Lagging)));
}
