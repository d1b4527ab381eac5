//! Twins: the same request many times at once, over several connections, to two services on one database.

use std::future::Future;

use futures_util::future::join_all;
use orders_proto::orders::v1::{
    BatchCreateOrdersRequest, CancelOrderRequest, CreateOrderRequest, DeleteOrderRequest, Order,
    PlaceOrderRequest,
};
use tonic::{Response, Status};

use crate::support::{
    Client, Service, cancel, create, draft, full, is_replay, ok, order_id, place, request_id,
};

const TWINS: usize = 20;
const ROUNDS: usize = 5;

/// Two services on one database, and clients with connections of their own to both.
async fn everywhere() -> (Service, Service, Vec<Client>) {
    let service = Service::start().await;
    let twin = service.twin().await;
    let clients =
        (0..TWINS).map(|n| if n % 2 == 0 { service.another_client() } else { twin.another_client() });
    let clients = clients.collect();
    (service, twin, clients)
}

/// Calls from everywhere at once: all get one answer, one of them got it first.
async fn one_answer<T, F>(clients: &[Client], call: impl Fn(Client) -> F) -> T
where
    T: PartialEq + std::fmt::Debug + Send + 'static,
    F: Future<Output = Result<Response<T>, Status>> + Send + 'static,
{
    let calls = clients.iter().map(|client| tokio::spawn(call(client.clone())));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
    let first = answers.iter().filter(|answer| !is_replay(answer)).count();
    assert_eq!(first, 1, "{first} calls say that they were the first");
    let mut answers = answers.into_iter().map(Response::into_inner);
    let one = answers.next().unwrap();
    assert!(answers.all(|other| other == one));
    one
}

/// One request after the other, each of which makes an order.
async fn create_orders(rounds: usize) {
    let (service, _twin, clients) = everywhere().await;
    for round in 1..=rounds {
        // With an id or an external reference there are three unique keys to run into, not one.
        let order = if round % 2 == 0 { full() } else { draft() };
        let order_id = if round % 3 == 0 { order_id() } else { String::new() };
        let request = CreateOrderRequest { request_id: request_id(), order_id, place: true, ..create(order) };
        one_answer(&clients, |mut client| {
            let request = request.clone();
            async move { client.create_order(request).await }
        })
        .await;
        let sql = service.sql().await;
        let rounds = i64::try_from(round).unwrap();
        assert_eq!((sql.count("orders").await, sql.count("order_history").await), (rounds, rounds));
    }
}

/// One order after the other, each changed by two requests.
async fn change_orders(rounds: usize) {
    let (service, _twin, clients) = everywhere().await;
    for _ in 0..rounds {
        let drafted = service.drafted().await;
        let request = PlaceOrderRequest { request_id: request_id(), ..place(&drafted) };
        let placed: Order = one_answer(&clients, |mut client| {
            let request = request.clone();
            async move { client.place_order(request).await }
        })
        .await;
        assert_eq!(placed.version, 2);

        let request = CancelOrderRequest { request_id: request_id(), ..cancel(&placed, &[(1, 1)]) };
        let fewer: Order = one_answer(&clients, |mut client| {
            let request = request.clone();
            async move { client.cancel_order(request).await }
        })
        .await;
        assert_eq!((fewer.version, fewer.lines[0].quantities.unwrap().cancelled), (3, 1), "cancelled once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creations() {
    create_orders(ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes() {
    change_orders(ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half a minute"]
async fn a_thousand_requests_of_twenty_callers_each() {
    create_orders(600).await;
    change_orders(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deletions() {
    let (service, _twin, clients) = everywhere().await;
    for _ in 0..ROUNDS {
        let draft = service.drafted().await;
        let request = DeleteOrderRequest { name: draft.name, request_id: request_id(), ..Default::default() };
        one_answer(&clients, |mut client| {
            let request = request.clone();
            async move { client.delete_order(request).await }
        })
        .await;
    }
    let sql = service.sql().await;
    let rounds = i64::try_from(ROUNDS).unwrap();
    assert_eq!((sql.count("orders").await, sql.count("order_history").await), (0, 2 * rounds));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches() {
    let (service, _twin, clients) = everywhere().await;
    for round in 1..=ROUNDS {
        let requests = vec![create(full()), create(draft()), create(full())];
        let request = BatchCreateOrdersRequest { requests, request_id: request_id(), validate_only: false };
        let answer = one_answer(&clients, |mut client| {
            let request = request.clone();
            async move { client.batch_create_orders(request).await }
        })
        .await;
        assert_eq!(answer.orders.len(), 3);
        assert_eq!(service.sql().await.count("orders").await, 3 * i64::try_from(round).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_with_many_payloads_goes_to_one_of_them() {
    let (service, _twin, clients) = everywhere().await;
    for round in 1..=ROUNDS {
        let id = request_id();
        let calls = clients.iter().cloned().enumerate().map(|(n, mut client)| {
            let order = Order { channel: format!("channel-{n}"), ..draft() };
            let request = CreateOrderRequest { request_id: id.clone(), ..create(order) };
            tokio::spawn(async move { client.create_order(request).await })
        });
        let answers = join_all(calls).await.into_iter().map(Result::unwrap);
        let (won, lost): (Vec<_>, Vec<_>) = answers.partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for refused in lost {
            assert_eq!(crate::support::refusal(refused).reason, "REQUEST_ID_REUSED");
        }
        assert_eq!(service.sql().await.count("orders").await, i64::try_from(round).unwrap());
    }
    ok(service.client().create_order(create(draft())).await);
}
