//! The stream: made as it should be, left as it is, and how long it knows an event again.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};

use crate::support::{Consumer, Service, World, eventually, ids_by_order, placed};

/// Has the relay begin again, as if it had never acknowledged anything.
const BEGIN_AGAIN: &str = "UPDATE feed_cursors SET xid = '0', position = 0 WHERE name = 'relay'";

fn config(subject: &str) -> Config {
    Config { name: "orders".to_owned(), subjects: vec![subject.to_owned()], ..Config::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_stream_is_made_and_one_that_is_deleted_is_made_again() {
    let world = World::new().await;
    let _relay = world.relay(&["--relay-stream-max-age", "2d"]);
    let service = Service::start(&world.database, &[]).await;
    placed(&mut service.client()).await;
    let consumer = Consumer::of(&world.nats).await;
    consumer.complete(&world.sql().await).await;
    let made = consumer.stream().await.unwrap().cached_info().config.clone();
    assert_eq!(made.subjects, ["orders.>"]);
    assert_eq!((made.storage, made.retention), (StorageType::File, RetentionPolicy::Limits));
    assert_eq!((made.num_replicas, made.duplicate_window), (1, Duration::from_secs(120)));
    assert_eq!(made.max_age, Duration::from_secs(2 * 24 * 3600));

    consumer.jetstream().delete_stream("orders").await.unwrap();
    placed(&mut service.client()).await;
    eventually("the new order is in a new stream", async || consumer.count().await == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_lost_is_filled_again_from_the_history() {
    let world = World::new().await;
    let _relay = world.relay(&[]);
    let service = Service::start(&world.database, &[]).await;
    let sql = world.sql().await;
    let first = placed(&mut service.client()).await;
    Consumer::of(&world.nats).await.complete(&sql).await;
    // Far from the first order in time, so that `--since` can tell them apart.
    sql.execute("UPDATE order_history SET commit_time = commit_time - interval '1 day'").await;
    let second = placed(&mut service.client()).await;
    Consumer::of(&world.nats).await.complete(&sql).await;
    sql.execute(&format!(
        "INSERT INTO parked_orders (tenant_id, order_id, version, event_index, reason) VALUES ('default', '{}', 2, 0, '')",
        second.name.trim_start_matches("orders/"),
    ))
    .await;

    let consumer = Consumer::of(&world.nats).await;
    consumer.jetstream().delete_stream("orders").await.unwrap();
    let yesterday = chrono::Utc::now() - chrono::TimeDelta::days(2);
    let said = world.ask(&["replay", "--since", &yesterday.to_rfc3339()]).await;
    assert_eq!(said, "asked the relay to publish 2 commits again\n");
    eventually("the first order is in the new stream", async || consumer.count().await == 2).await;
    assert_eq!(ids_by_order(&consumer.messages().await).len(), 1, "the other one is parked");

    let listed: serde_json::Value = serde_json::from_str(&world.ask(&["parked", "--json"]).await).unwrap();
    assert_eq!(listed[0]["version"], 1, "what it held back begins where the replay does");
    world.ask(&["replay", "--all"]).await;
    assert_eq!(consumer.complete(&sql).await.0, 4);

    let an_hour_ago = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    consumer.jetstream().delete_stream("orders").await.unwrap();
    world.ask(&["replay", "--since", &an_hour_ago.to_rfc3339()]).await;
    eventually("what is later is published again", async || consumer.count().await == 2).await;
    let again = ids_by_order(&consumer.messages().await);
    assert!(!again.keys().any(|order| first.name.ends_with(&order.to_string())), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_there_is_left_as_it_is() {
    let world = World::new().await;
    let consumer = Consumer::of(&world.nats).await;
    let there = Config { description: Some("ours".to_owned()), ..config("orders.*.*.*") };
    consumer.jetstream().create_stream(there).await.unwrap();
    let before = consumer.stream().await.unwrap().cached_info().config.clone();
    let service = Service::start(&world.database, &["--nats-url", &world.nats.url()]).await;
    placed(&mut service.client()).await;
    consumer.complete(&world.sql().await).await;
    assert_eq!(consumer.stream().await.unwrap().cached_info().config, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_takes_other_subjects_is_a_clear_error_until_it_is_changed() {
    let world = World::new().await;
    let consumer = Consumer::of(&world.nats).await;
    consumer.jetstream().create_stream(config("other.>")).await.unwrap();
    let service = Service::start(&world.database, &[]).await;
    placed(&mut service.client()).await;
    let relay = world.relay(&[]);
    relay.says(r#"the stream orders takes the subjects ["other.>"], which leave out orders.*.*.*"#).await;
    assert_eq!(consumer.count().await, 0);
    let sql = world.sql().await;
    assert!(sql.rows("SELECT FROM parked_orders").await.is_empty(), "no order is at fault");

    consumer.jetstream().update_stream(config("orders.>")).await.unwrap();
    consumer.complete(&sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn within_the_window_the_stream_knows_an_event_again_and_later_the_consumer_has_to() {
    for (window, again) in [(Duration::from_secs(120), 0), (Duration::from_millis(100), 6)] {
        let world = World::new().await;
        let consumer = Consumer::of(&world.nats).await;
        let there = Config { duplicate_window: window, ..config("orders.>") };
        consumer.jetstream().create_stream(there).await.unwrap();
        let service = Service::start(&world.database, &[]).await;
        let sql = world.sql().await;
        for _ in 0..3 {
            placed(&mut service.client()).await;
        }
        let relay = world.relay(&[]);
        assert_eq!(consumer.complete(&sql).await, (6, 0));
        relay.stop().await;
        sql.execute(BEGIN_AGAIN).await;
        tokio::time::sleep(Duration::from_millis(500)).await;

        let _relay = world.relay(&[]);
        placed(&mut service.client()).await;
        eventually("all are published again", async || consumer.count().await == 8 + again).await;
        assert_eq!(consumer.complete(&sql).await, (8, usize::try_from(again).unwrap()));
    }
}
