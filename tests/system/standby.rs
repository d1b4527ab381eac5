//! What one service wrote, the other one reads with the token of the answer, although it prefers a standby that is behind.

use std::time::{Duration, SystemTime};

use local_stack::{
    Durability, Output, PostgresOptions, PostgresServer, Service, ServiceOptions, ServiceProcess, Storage,
};
use orders_proto::orders::v1::{
    AggregateOrdersRequest, CreateOrderRequest, GetOrderRequest, ListOrdersRequest, LookupOrderRequest,
    SearchOrdersRequest, lookup_order_request::Key,
};
use prost_types::Timestamp;
use tokio::{task::spawn_blocking, time::sleep};
use tonic::Code;

use crate::support::{Queries, cart, channel, commands_at, migrate};

const DELAY: Duration = Duration::from_secs(2);

async fn start(service: Service, urls: &str) -> ServiceProcess {
    let options = ServiceOptions::new(service, "127.0.0.1:0", urls).output(Output::Keep);
    ServiceProcess::start(options).await.unwrap_or_else(|error| panic!("{error}"))
}

/// How many orders are counted, and until when that is all of them.
async fn count(queries: &mut Queries, token: &str) -> (i64, Option<Timestamp>) {
    let request =
        AggregateOrdersRequest { consistency_token: token.to_owned(), ..AggregateOrdersRequest::default() };
    let answer = queries.aggregate_orders(request).await.unwrap().into_inner();
    (answer.aggregates.iter().map(|one| one.order_count).sum(), answer.as_of_time)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_one_service_is_good_for_the_other() {
    let options =
        PostgresOptions { storage: Storage::ThrowAway, durability: Durability::None, settings: Vec::new() };
    let primary = spawn_blocking(move || PostgresServer::start(&options)).await.unwrap().unwrap();
    let on_primary = primary.database("orders").await.unwrap();
    migrate(on_primary.clone()).await.unwrap();
    let (_primary, standby) = spawn_blocking(move || {
        let standby = primary.start_standby(DELAY);
        (primary, standby)
    })
    .await
    .unwrap();
    let standby = standby.unwrap();

    let writing = start(Service::Command, &on_primary).await;
    let reading = start(Service::Query, &format!("{},{on_primary}", standby.url("orders"))).await;
    let mut commands = commands_at(writing.address()).await;
    let mut queries = Queries::new(channel(reading.address()).await);
    let mut acknowledged = Vec::new();
    for number in 1..=50 {
        let create = CreateOrderRequest { order: Some(cart()), place: true, ..CreateOrderRequest::default() };
        let answer = commands.create_order(create).await.unwrap();
        let token = answer.metadata().get("order-consistency-token").unwrap().to_str().unwrap().to_owned();
        let order = answer.into_inner();
        assert_eq!(token, order.consistency_token);

        let get = |token: &str| GetOrderRequest {
            name: order.name.clone(),
            consistency_token: token.to_owned(),
            ..GetOrderRequest::default()
        };
        let old = queries.get_order(get("")).await.unwrap_err();
        assert_eq!(old.code(), Code::NotFound, "the standby does not have it yet");
        let read = queries.get_order(get(&token)).await.unwrap();
        let read_token = read.metadata().get("order-consistency-token").unwrap().to_str().unwrap();
        assert_eq!(read_token, token, "it saw this commit and nothing else");
        assert_eq!(read.into_inner().version, order.version);
        let lookup = LookupOrderRequest {
            key: Some(Key::OrderNumber(order.order_number.clone())),
            consistency_token: token.clone(),
        };
        assert_eq!(queries.lookup_order(lookup).await.unwrap().into_inner().name, order.name);
        let list = ListOrdersRequest { consistency_token: token.clone(), ..ListOrdersRequest::default() };
        assert_eq!(queries.list_orders(list).await.unwrap().into_inner().orders[0].name, order.name);
        let search = SearchOrdersRequest {
            query: order.order_number,
            consistency_token: token.clone(),
            ..SearchOrdersRequest::default()
        };
        assert_eq!(queries.search_orders(search).await.unwrap().into_inner().orders[0].name, order.name);
        let counted = count(&mut queries, &token).await.0;
        assert_eq!(counted, number);
        acknowledged.push(Timestamp::from(SystemTime::now()));
    }
    // What the standby says of itself is so, too.
    for _ in 0..20 {
        let (counted, as_of) = count(&mut queries, "").await;
        let before = |time: &&Timestamp| {
            as_of.is_some_and(|as_of| (time.seconds, time.nanos) <= (as_of.seconds, as_of.nanos))
        };
        let due = acknowledged.iter().filter(before).count();
        assert!(counted >= i64::try_from(due).unwrap(), "{counted} counted, {due} were there at {as_of:?}");
        sleep(DELAY / 10).await;
    }
    assert_eq!(count(&mut queries, "").await.0, 50, "it has caught up");
}
