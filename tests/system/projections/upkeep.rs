//! `command-service projections`, and reads of projections that are not there yet.

use std::time::{Duration, Instant};

use local_stack::{Role, Service};
use orders_proto::orders::v1::{AggregateOrdersRequest, SearchOrdersRequest};
use tokio::process::Command;
use tonic::{Code, Request};

use super::{created, of_tenant};
use crate::support::{
    Queries, Sql, cart, channel, commands_at, eventually, migrated_database, program, reason, service,
};

async fn run(url: &str, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(program(Service::Command));
    let output = command.arg("projections").args(arguments).env("DATABASE_URL", url).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn projections_are_rebuilt_and_their_state_is_told() {
    let database = migrated_database().await;
    let commands = service(Service::Command, &database).await;
    for _ in 0..10 {
        created(&mut commands_at(commands.address()).await, "acme", cart()).await;
    }
    let sql = Sql::connect(&database).await;
    eventually("the projections have caught up", async || {
        sql.number("SELECT count(next_xid) FROM active_projections").await == 0
    })
    .await;
    sql.execute("DELETE FROM order_stats_daily; UPDATE order_search SET document = ''").await;

    let (done, said, complaints) =
        run(&database.url_of(Role::Writer), &["rebuild", "--name", "order_stats_daily"]).await;
    assert!(done, "{complaints}");
    assert_eq!(said, "order_stats_daily: generation 2 is read now; 10 commits counted\n");
    let (done, said, complaints) = run(&database.url_of(Role::Writer), &["rebuild"]).await;
    assert!(done, "{complaints}");
    assert_eq!(
        said,
        "order_stats_daily: generation 3 is read now; 10 commits counted\n\
         order_search: generation 2 is read now; 10 commits counted\n"
    );
    assert_eq!(sql.number("SELECT sum(order_count)::bigint FROM order_statistics").await, 10);
    assert_eq!(sql.number("SELECT count(*) FROM order_search WHERE document <> ''").await, 10);

    let (done, said, complaints) = run(&database.url_of(Role::Writer), &["status"]).await;
    assert!(done, "{complaints}");
    let lines: Vec<Vec<_>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["PROJECTION", "GENERATION", "STATE", "LAG", "LAST", "COMMIT"]);
    assert_eq!(lines[1][..4], ["order_search", "2", "active", "0.000s"]);
    assert_eq!(lines[2][..4], ["order_stats_daily", "3", "active", "0.000s"]);
    assert_eq!(lines.len(), 3);

    let (done, _, complaints) = run(&database.url_of(Role::Writer), &["rebuild", "--name", "orders"]).await;
    assert!(!done && complaints.contains("order_stats_daily or order_search"), "{complaints}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_built_yet_or_lags_is_not_read() {
    let database = migrated_database().await;
    let sql = Sql::connect(&database).await;
    let commands = service(Service::Command, &database).await;
    let queries = service(Service::Query, &database).await;
    let mut queries = Queries::new(channel(queries.address()).await);
    let order = created(&mut commands_at(commands.address()).await, "acme", cart()).await;
    let (query, consistency_token) = ("mug".to_owned(), order.consistency_token);

    // Nobody follows any more, and there is one more commit.
    commands.kill().await.unwrap();
    eventually("the followers are gone", async || sql.busy_sessions().await.is_empty()).await;
    sql.execute("UPDATE projections SET xid = '0', position = 0").await;
    let within = Duration::from_millis(400);
    let mut refusals = async |consistency_token: &str| {
        let consistency_token = consistency_token.to_owned();
        let search = SearchOrdersRequest {
            query: query.clone(),
            consistency_token: consistency_token.clone(),
            ..Default::default()
        };
        let aggregate = AggregateOrdersRequest { consistency_token, ..Default::default() };
        let limited = |mut request: Request<_>| {
            request.set_timeout(within);
            request
        };
        let searched = queries.search_orders(limited(of_tenant("acme", search))).await.err();
        let mut aggregate = of_tenant("acme", aggregate);
        aggregate.set_timeout(within);
        [searched, queries.aggregate_orders(aggregate).await.err()]
    };
    assert!(refusals("").await.iter().all(Option::is_none), "without a token, old is good enough");
    let start = Instant::now();
    for refusal in refusals(&consistency_token).await {
        let refusal = refusal.unwrap();
        assert_eq!((refusal.code(), reason(&refusal).as_str()), (Code::Unavailable, "READ_LAG"));
    }
    assert!(start.elapsed() < 3 * within);
    sql.execute("UPDATE projections SET state = 'building'").await;
    for refusal in refusals("").await {
        assert_eq!(reason(&refusal.unwrap()), "READ_LAG");
    }
}
