//! Watches of standbys, and of databases that go away.

use std::time::Duration;

use orders_proto::orders::v1::{Order, WatchOrdersRequest};

use super::{Watch, told};
use crate::support::{Cluster, Service, changed, order};

/// What a watch tells next is these, in this order.
async fn tells(watch: &mut Watch, orders: &[Order]) {
    for order in orders {
        let change = watch.change().await.0;
        assert_eq!(told(&change), (order.name.clone(), order.version));
    }
}

#[tokio::test]
async fn a_watch_outlives_its_connections() {
    let service = Service::start().await;
    let mut watch = Watch::from_now(&service).await;
    let mut order = order();
    for _ in 0..5 {
        service.commit(&order).await;
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND application_name = 'query-service'";
        service.execute(all).await;
        tells(&mut watch, std::slice::from_ref(&order)).await;
        order = changed(&order, |_| {});
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_standby_a_watch_goes_on_from_the_primary() {
    let mut cluster = Cluster::start(Duration::ZERO).await;
    let service = cluster.service().await;
    let mut watch = Watch::from_now(&service).await;
    let orders: Vec<_> = (0..20).map(|_| order()).collect();
    service.commit_all(&orders[..5]).await;
    tells(&mut watch, &orders[..5]).await;
    service.commit_all(&orders[5..10]).await;
    let standby = cluster.standby.take().unwrap();
    let stopping = tokio::task::spawn_blocking(move || standby.stop());
    service.commit_all(&orders[10..]).await;
    stopping.await.unwrap();
    tells(&mut watch, &orders[5..]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_tells_what_it_has_replayed_and_is_waited_for() {
    let cluster = Cluster::start(Duration::ZERO).await;
    let (behind, ahead) = (cluster.service_of_standby("5s").await, cluster.service_of_primary().await);
    let mut live = Watch::from_now(&behind).await;
    let orders: Vec<_> = (0..6).map(|_| order()).collect();
    ahead.commit_all(&orders[..2]).await;
    tells(&mut live, &orders[..2]).await;

    cluster.pause().await;
    ahead.commit_all(&orders[2..4]).await;
    // The primary's watch has told of four orders, or is about to tell of the first of them.
    let initial = WatchOrdersRequest { include_initial: true, ..WatchOrdersRequest::default() };
    let first = Watch::begin(ahead.client(), initial.clone()).await.next().await.unwrap();
    let (_, token) = Watch::begin(ahead.client(), initial.clone()).await.catch_up().await;
    let of = |resume_token| WatchOrdersRequest { resume_token, ..WatchOrdersRequest::default() };
    let mut among_the_orders = Watch::begin(behind.client(), of(first.resume_token)).await;
    let mut resumed = Watch::begin(behind.client(), of(token)).await;
    let rest = tokio::spawn(async move { among_the_orders.catch_up().await.0 });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!rest.is_finished(), "it has to wait for what the primary had");
    cluster.resume().await;
    ahead.commit_all(&orders[4..]).await;
    tells(&mut live, &orders[2..]).await;
    tells_after_catching_up(&mut resumed, &orders[4..]).await;
    let rest: Vec<_> = rest.await.unwrap().iter().map(|change| told(change).0).collect();
    let names: Vec<_> = orders.iter().map(|order| order.name.clone()).collect();
    assert!(names[1..].starts_with(&rest) && rest.len() >= 3, "{rest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_with_a_token_has_not_caught_up_before_what_the_token_stands_for() {
    let cluster = Cluster::start(Duration::ZERO).await;
    let (behind, ahead) = (cluster.service_of_standby("5s").await, cluster.service_of_primary().await);
    cluster.pause().await;
    let order = order();
    ahead.commit(&order).await;
    let token = ahead.token(&order).await;
    let newest = WatchOrdersRequest { consistency_token: token, ..WatchOrdersRequest::default() };
    let mut watch = Watch::begin(behind.client(), newest).await;
    let told = tokio::spawn(async move { watch.catch_up().await.0 });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!told.is_finished(), "the standby does not have the order yet");
    cluster.resume().await;
    let told: Vec<_> = told.await.unwrap().iter().map(super::told).collect();
    assert_eq!(told, [(order.name.clone(), order.version)]);
}

async fn tells_after_catching_up(watch: &mut Watch, orders: &[Order]) {
    let before = watch.catch_up().await.0;
    let told_of: Vec<_> = before.iter().map(told).collect();
    let expected: Vec<_> = orders.iter().map(|order| (order.name.clone(), order.version)).collect();
    assert!(expected.starts_with(&told_of), "{told_of:?}");
    tells(watch, &orders[told_of.len()..]).await;
}
