//! How many may watch, and how slow they may be.

use std::time::Duration;

use futures_util::future::join_all;
use orders_proto::orders::v1::{Order, WatchOrdersRequest};
use tokio::time::sleep;
use tonic::Code;

use super::{Watch, end, told};
use crate::support::{Service, order, reason};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_watches_are_all_told() {
    const WATCHES: usize = 1_000;
    const ORDERS: usize = 20;
    let service = Service::start().await;
    let clients: Vec<_> = join_all((0..WATCHES / 50).map(|_| service.another_client())).await;
    let watches = (0..WATCHES).map(|n| {
        let client = clients[n % clients.len()].clone();
        async move {
            let mut watch = Watch::begin(client, WatchOrdersRequest::default()).await;
            watch.catch_up().await;
            watch
        }
    });
    let watches = join_all(watches).await;
    let orders: Vec<_> = (0..ORDERS).map(|_| order()).collect();
    service.commit_all(&orders).await;
    let all = watches.into_iter().map(|mut watch| async move {
        let mut told_of = vec![];
        for _ in 0..ORDERS {
            told_of.push(told(&watch.change().await.0).0);
        }
        told_of
    });
    let expected: Vec<_> = orders.iter().map(|order| order.name.clone()).collect();
    assert!(join_all(all).await.iter().all(|told_of| *told_of == expected));
}

/// It lets go of what it had read for its caller, and reads it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_whose_caller_pauses_goes_on_where_it_was() {
    const ORDERS: usize = 400;
    let service = Service::start().await;
    let mut watch = Watch::begin(service.narrow_client().await, WatchOrdersRequest::default()).await;
    watch.catch_up().await;
    let orders: Vec<_> = (0..ORDERS).map(|_| Order { channel: "x".repeat(2_000), ..order() }).collect();
    service.commit_all(&orders[..300]).await;
    sleep(Duration::from_millis(2_500)).await;
    service.commit_all(&orders[300..]).await;
    for order in &orders {
        assert_eq!(told(&watch.change().await.0).0, order.name);
    }
}

/// Transactions that are not about orders move the feed's horizon as well: that is no reason for anybody to read by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_watch_the_feed_is_read_once() {
    const WATCHES: i64 = 60;
    const ORDERS: i64 = 10;
    let service = Service::start().await;
    let mut watches = vec![];
    for _ in 0..WATCHES {
        watches.push(Watch::from_now(&service).await);
    }
    sleep(Duration::from_millis(1_500)).await;
    let before = service.statements().await;
    for _ in 0..ORDERS {
        for _ in 0..3 {
            service.execute("SELECT pg_current_xact_id()").await;
            sleep(Duration::from_millis(110)).await;
        }
        service.commit(&order()).await;
        for watch in &mut watches {
            watch.change().await;
        }
    }
    let read = service.statements().await - before;
    assert!(read < ORDERS * WATCHES / 2, "{read} statements");
}

#[tokio::test]
async fn there_is_room_for_so_many_watches() {
    let service = Service::start_with(&["--max-watches=2"]).await;
    let first = Watch::from_now(&service).await;
    let _second = Watch::from_now(&service).await;
    let watch = async || service.client().watch_orders(WatchOrdersRequest::default()).await;
    assert_eq!(reason(watch().await), (Code::ResourceExhausted, "WATCH_LIMIT".into()));
    drop(first);
    while let Err(status) = watch().await {
        assert_eq!(end(&status).1, "WATCH_LIMIT");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_watch_is_cut_holds_up_nobody_and_can_go_on() {
    const ORDERS: usize = 400;
    let service = Service::start_with(&["--watch-patience=500ms"]).await;
    let mut slow = Watch::begin(service.narrow_client().await, WatchOrdersRequest::default()).await;
    let (_, mut token) = slow.catch_up().await;
    let mut quick = Watch::from_now(&service).await;
    // More than the client takes in: what is not read fills the window, and then waits in the service.
    let orders: Vec<_> = (0..ORDERS).map(|_| Order { channel: "x".repeat(2_000), ..order() }).collect();
    let reading = tokio::spawn(async move {
        for _ in 0..ORDERS {
            quick.change().await;
        }
    });
    service.commit_all(&orders).await;
    reading.await.unwrap();
    sleep(Duration::from_secs(2)).await;

    let mut seen = vec![];
    let status = loop {
        match slow.next().await {
            Ok(message) => {
                token = message.resume_token;
                if let Some(super::Message::OrderChanged(change)) = message.message {
                    seen.push(told(&change).0);
                }
            }
            Err(status) => break status,
        }
    };
    assert_eq!(end(&status), (Code::ResourceExhausted, "WATCH_LIMIT".into()));
    assert!(seen.len() < ORDERS, "it was not slow");
    let request = WatchOrdersRequest { resume_token: token, ..WatchOrdersRequest::default() };
    let (rest, _) = Watch::begin(service.client(), request).await.catch_up().await;
    seen.extend(rest.iter().map(|change| told(change).0));
    assert_eq!(seen, orders.iter().map(|order| order.name.clone()).collect::<Vec<_>>());
}
