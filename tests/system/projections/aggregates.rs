//! AggregateOrders: counts and sums are those of the orders.

use std::collections::BTreeMap;

use orders_proto::orders::v1::{
    AggregateOrdersRequest, AggregateOrdersResponse, DeleteOrderRequest, GetReadStatusRequest, Order,
    OrderAggregate,
    OrderDimension::{Channel, Day, FulfillmentState, PaymentState, State},
};
use prost_types::Timestamp;

use super::{created, of_tenant};
use crate::{
    random_day::RandomDay,
    support::{Queries, System, cart, minor_units, money},
};

/// State, payment state, fulfilment state, channel, day, currency.
type Key = (i32, i32, i32, String, String, String);

fn key(order: &Order) -> Key {
    let day = day_of(&order.create_time.unwrap());
    let (channel, currency) = (order.channel.clone(), order.currency_code.clone());
    (order.state, order.payment_state, order.fulfillment_state, channel, day, currency)
}

/// The day of a time, as the contract has it.
fn day_of(time: &Timestamp) -> String {
    time.to_string()[..10].to_owned()
}

/// Number of orders, sum of totals, sum of balances.
type Sums = (i64, i64, i64);

fn sums<'o>(orders: impl IntoIterator<Item = &'o Order>, key: impl Fn(&Order) -> Key) -> BTreeMap<Key, Sums> {
    let mut all = BTreeMap::<Key, Sums>::new();
    for order in orders {
        let total = order.totals.as_ref().unwrap().total.as_ref().unwrap();
        let sums = all.entry(key(order)).or_default();
        sums.0 += 1;
        sums.1 += minor_units(total);
        sums.2 += minor_units(order.balance.as_ref().unwrap());
    }
    all
}

fn told(answer: &AggregateOrdersResponse) -> BTreeMap<Key, Sums> {
    let told = answer.aggregates.iter().map(|one| {
        let OrderAggregate { state, payment_state, fulfillment_state, .. } = *one;
        let (channel, day) = (one.channel.clone(), one.day.clone());
        let key = (state, payment_state, fulfillment_state, channel, day, one.currency_code.clone());
        let sum = |money: &Option<_>| minor_units(money.as_ref().unwrap());
        (key, (one.order_count, sum(&one.total), sum(&one.balance)))
    });
    told.collect()
}

/// The orders that there are.
fn there(day: &RandomDay) -> impl Iterator<Item = &Order> {
    day.orders.iter().filter(|known| !known.deleted).map(|known| &known.order)
}

/// A token for all that happened so far.
async fn newest(queries: &mut Queries) -> String {
    queries.get_read_status(GetReadStatusRequest {}).await.unwrap().into_inner().consistency_token
}

async fn ask(queries: &mut Queries, request: AggregateOrdersRequest) -> AggregateOrdersResponse {
    queries.aggregate_orders(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_random_day_the_statistics_are_those_of_the_orders() {
    let system = System::start().await;
    let mut queries = system.queries().await;
    let mut day = RandomDay::new(401, system.commands().await);
    let every = vec![State.into(), PaymentState.into(), FulfillmentState.into(), Channel.into(), Day.into()];
    for _ in 0..8 {
        for _ in 0..50 {
            day.step().await;
        }
        let consistency_token = newest(&mut queries).await;
        let request =
            AggregateOrdersRequest { group_by: every.clone(), consistency_token, ..Default::default() };
        let answer = ask(&mut queries, request).await;
        assert_eq!(told(&answer), sums(there(&day), key), "seed {}", day.seed);
    }
    let of_currency = |order: &Order| {
        let none = String::new;
        (0, 0, 0, none(), none(), order.currency_code.clone())
    };
    let answer = ask(&mut queries, AggregateOrdersRequest::default()).await;
    assert_eq!(told(&answer), sums(there(&day), of_currency));
    let currencies: Vec<_> = answer.aggregates.iter().map(|one| &one.currency_code).collect();
    assert!(currencies.is_sorted() && currencies.len() > 1, "{currencies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_counted_once_its_token_is_shown() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    for number in 1..=20 {
        let order = created(&mut commands, "acme", cart()).await;
        let request =
            AggregateOrdersRequest { consistency_token: order.consistency_token, ..Default::default() };
        let answer = queries.aggregate_orders(of_tenant("acme", request)).await.unwrap();
        assert!(answer.metadata().contains_key("order-consistency-token"));
        let answer = answer.into_inner();
        assert_eq!(answer.aggregates.len(), 1);
        let one = &answer.aggregates[0];
        assert_eq!((one.order_count, &one.total), (number, &money("EUR", 3_000 * number)));
        let (written, counted) = (order.update_time.unwrap(), answer.as_of_time.unwrap());
        assert!((counted.seconds, counted.nanos) >= (written.seconds, written.nanos));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_walls_and_filters_and_days_pick() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let of_channel = |channel: &str| Order { channel: channel.to_owned(), ..cart() };
    let web = created(&mut commands, "acme", of_channel("web")).await;
    created(&mut commands, "acme", of_channel("o'store")).await;
    let draft = created(&mut commands, "acme", Order { contact: None, ..of_channel("") }).await;
    let last = created(&mut commands, "other", of_channel("web")).await;
    let token = last.consistency_token;

    let time = web.create_time.unwrap();
    let (today, yesterday) = (day_of(&time), day_of(&Timestamp { seconds: time.seconds - 86_400, ..time }));
    let mut count = async |tenant, filter: &str, first_day: &str, last_day: &str| {
        let request = AggregateOrdersRequest {
            filter: filter.to_owned(),
            first_day: first_day.to_owned(),
            last_day: last_day.to_owned(),
            consistency_token: token.clone(),
            ..Default::default()
        };
        let answer = queries.aggregate_orders(of_tenant(tenant, request)).await.unwrap().into_inner();
        answer.aggregates.iter().map(|one| one.order_count).sum::<i64>()
    };
    for (filter, expected) in [
        ("", 3),
        ("state = PLACED", 2),
        ("state != PLACED", 1),
        ("(state = DRAFT OR state = PLACED) AND channel = \"web\"", 1),
        ("channel = \"o'store\"", 1),
        ("payment_state = UNPAID AND fulfillment_state = UNFULFILLED", 3),
        ("state = PLACED AND state = DRAFT", 0),
    ] {
        assert_eq!(count("acme", filter, "", "").await, expected, "{filter}");
    }
    assert_eq!(count("acme", "", &today, &today).await, 3);
    assert_eq!(count("acme", "", "", &yesterday).await, 0);
    assert_eq!(count("acme", "", &yesterday, "").await, 3);
    assert_eq!(count("other", "", "", "").await, 1);
    assert_eq!(count("nobody", "", "", "").await, 0);

    let deletion = DeleteOrderRequest { name: draft.name, ..Default::default() };
    let deleted = commands.delete_order(of_tenant("acme", deletion)).await.unwrap();
    let token = deleted.metadata().get("order-consistency-token").unwrap().to_str().unwrap().to_owned();
    let request = AggregateOrdersRequest {
        group_by: vec![Channel.into(), State.into()],
        consistency_token: token,
        ..Default::default()
    };
    let answer = queries.aggregate_orders(of_tenant("acme", request)).await.unwrap().into_inner();
    let channels: Vec<_> =
        answer.aggregates.iter().map(|one| (one.channel.as_str(), one.order_count)).collect();
    assert_eq!(channels, [("o'store", 1), ("web", 1)], "sorted, and the draft is gone");
}
