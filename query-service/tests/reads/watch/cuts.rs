//! Watches that are cut and resumed.

use std::collections::BTreeMap;

use orders_proto::orders::v1::{OrderChanged, WatchOrdersRequest};
use tonic::Code;

use super::{Watch, end, told};
use crate::support::{Service, changed, fields, order, reason};

fn resumed(filter: &str, resume_token: String) -> WatchOrdersRequest {
    WatchOrdersRequest {
        filter: filter.into(),
        resume_token,
        include_initial: true,
        ..WatchOrdersRequest::default()
    }
}

#[tokio::test]
async fn resuming_anywhere_misses_nothing_and_repeats_nothing() {
    let service = Service::start().await;
    let mut orders: Vec<_> = (0..120).map(|_| order()).collect();
    service.commit_all(&orders).await;
    let mut watch = Watch::begin(service.client(), resumed("state = PLACED", String::new())).await;
    let mut uncut: Vec<(OrderChanged, String)> = vec![];
    for _ in 0..110 {
        let message = watch.next().await.unwrap();
        let Some(super::Message::OrderChanged(change)) = message.message else { panic!("{message:?}") };
        uncut.push((change, message.resume_token));
    }
    // Orders that the watch has and has not come to yet go on meanwhile.
    for at in [3, 3, 115, 60, 119] {
        orders[at] = changed(&orders[at], |order| order.channel = "app".into());
        service.commit(&orders[at]).await;
    }
    let mut rest = watch.catch_up().await.0;
    while rest.len() < 10 + 5 {
        rest.push(watch.change().await.0);
    }
    let all: Vec<_> = uncut.iter().map(|(change, _)| change.clone()).chain(rest).collect();
    let mut versions: Vec<_> = all.iter().map(told).collect();
    versions.sort();
    versions.dedup();
    assert_eq!((all.len(), versions.len()), (125, 125), "each version once");
    for at in [0, 1, 57, 98, 99, 100, 109] {
        let mut watch = Watch::begin(service.client(), resumed("state = PLACED", uncut[at].1.clone())).await;
        assert_eq!(watch.catch_up().await.0, all[at + 1..], "after {at}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_at_random_under_writers_each_commit_is_told_once_and_in_order() {
    const ORDERS: usize = 12;
    const VERSIONS: i64 = 25;
    let service = std::sync::Arc::new(Service::start().await);
    let mut watch = Watch::begin(service.client(), resumed("", String::new())).await;
    watch.catch_up().await;
    let writing = tokio::spawn({
        let service = std::sync::Arc::clone(&service);
        async move {
            let mut orders: Vec<_> = (0..ORDERS).map(|_| order()).collect();
            service.commit_all(&orders).await;
            for _ in 1..VERSIONS {
                for order in &mut orders {
                    *order = changed(order, |_| {});
                    service.commit(order).await;
                }
            }
        }
    });
    let mut versions: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let (mut cut, mut seen) = (0, 0);
    while seen < ORDERS * usize::try_from(VERSIONS).unwrap() {
        let message = watch.next().await.unwrap();
        if let Some(super::Message::OrderChanged(change)) = message.message {
            let (order, version) = told(&change);
            versions.entry(order).or_default().push(version);
            seen += 1;
        }
        cut += 1;
        if cut % 7 == seen % 5 {
            watch = Watch::begin(service.client(), resumed("", message.resume_token)).await;
        }
    }
    writing.await.unwrap();
    assert_eq!(versions.len(), ORDERS);
    assert!(versions.values().all(|of_order| of_order.iter().copied().eq(1..=VERSIONS)), "{versions:?}");
}

#[tokio::test]
async fn only_a_token_of_the_same_watch_is_good() {
    let service = Service::start().await;
    let (_, token) =
        Watch::begin(service.client(), resumed("state = PLACED", String::new())).await.catch_up().await;
    let of =
        async |filter: &str, token: &str| service.client().watch_orders(resumed(filter, token.into())).await;
    assert!(of("state = PLACED", &token).await.is_ok());
    let invalid = vec![("resume_token".to_owned(), "INVALID_RESUME_TOKEN".to_owned())];
    for (filter, token) in
        [("", token.as_str()), ("state = DRAFT", &token), ("", "garbage"), ("", &token[1..])]
    {
        assert_eq!(fields(of(filter, token).await), invalid, "{filter} {token}");
    }
    assert_eq!(fields(of("state ~ PLACED", "").await), [("filter".to_owned(), "INVALID_FILTER".to_owned())]);
}

#[tokio::test]
async fn a_place_ahead_of_the_database_is_not_waited_for() {
    let (one, other) = (Service::start().await, Service::start().await);
    // All databases of a server count their transactions together: this one gets ahead by being another server's.
    let (_, token) = Watch::begin(one.client(), resumed("", String::new())).await.catch_up().await;
    assert!(other.client().watch_orders(resumed("", token.clone())).await.is_ok());
    let ahead = ahead_of(&token);
    let refused = one.client().watch_orders(resumed("", ahead)).await;
    assert_eq!(reason(refused), (Code::OutOfRange, "RESUME_TOKEN_EXPIRED".into()));
}

/// The same token, a billion transactions later.
fn ahead_of(token: &str) -> String {
    use prost::encoding::{WireType, encode_key, encode_varint};
    use shared_infrastructure::tokens;
    const KIND: u8 = b'R';
    let mut content = tokens::open(KIND, token).unwrap();
    // The last one of a field counts.
    encode_key(2, WireType::Varint, &mut content);
    encode_varint(1_000_000_000_000, &mut content);
    tokens::seal(KIND, &content)
}

#[tokio::test]
async fn the_end_of_the_service_ends_its_watches_at_once() {
    let (service, stop) = Service::start_to_stop().await;
    let mut watch = Watch::from_now(&service).await;
    stop.send(()).unwrap();
    let status = loop {
        if let Err(status) = watch.next().await {
            break status;
        }
    };
    assert_eq!(end(&status), (Code::Unavailable, "SHUTTING_DOWN".into()));
}
