//! Events that cannot be published: their orders wait, and no other does.

use local_stack::{NatsOptions, Storage};
use orders_proto::orders::v1::Order;
use serde_json::Value;

use crate::support::{Consumer, Service, World, eventually, ids_by_order, nats, note, placed};

fn id(order: &Order) -> uuid::Uuid {
    order.name.strip_prefix("orders/").unwrap().parse().unwrap()
}

async fn parked(world: &World) -> Vec<Value> {
    serde_json::from_str(&world.ask(&["parked", "--json"]).await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_parks_its_order_only_until_it_is_replayed() {
    let world = World::new().await;
    let service = Service::start(&world.database, &[]).await;
    let (mut commands, sql) = (service.client(), world.sql().await);
    let poisoned = placed(&mut commands).await;
    note(&mut commands, &poisoned, "damaged").await;
    note(&mut commands, &poisoned, "behind it").await;
    let healthy = placed(&mut commands).await;
    let row = format!("order_id = '{}' AND version = 2", id(&poisoned));
    sql.execute(&format!("CREATE TABLE kept AS SELECT events FROM order_history WHERE {row}")).await;
    let expected = sql.ids_by_order().await;
    sql.execute(&format!("UPDATE order_history SET events = '\\xff' WHERE {row}")).await;

    let relay = world.relay(&[]);
    relay.says("an order's events are parked").await;
    note(&mut commands, &healthy, "goes on").await;
    note(&mut commands, &poisoned, "waits").await;
    let consumer = Consumer::of(&world.nats).await;
    eventually("the healthy order is published", async || consumer.count().await == 5).await;
    let seen = ids_by_order(&consumer.messages().await);
    assert_eq!(
        seen[&id(&poisoned)],
        expected[&id(&poisoned)][..2],
        "what came before the damage, and nothing after"
    );
    assert_eq!(seen[&id(&healthy)].len(), 3);

    let listed = parked(&world).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["order"], id(&poisoned).to_string());
    assert_eq!((&listed[0]["version"], &listed[0]["event_index"]), (&2.into(), &0.into()));
    assert!(listed[0]["reason"].as_str().unwrap().contains("damaged"), "{listed:?}");
    let table = world.ask(&["parked"]).await;
    let words: Vec<_> = table.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(words[..3], ["default", &id(&poisoned).to_string(), "2:0"]);

    // As long as the row is damaged, a replay comes to nothing, and neither does a restart.
    world.ask(&["replay", "--all"]).await;
    eventually("the replay was tried", async || parked(&world).await[0]["replay_asked"] == false).await;
    relay.stop().await;
    let _relay = world.relay(&[]);
    sql.new_leader(None).await;
    note(&mut commands, &healthy, "goes on after a restart").await;
    eventually("the healthy order is published", async || consumer.count().await == 6).await;

    sql.execute(&format!("UPDATE order_history SET events = (SELECT events FROM kept) WHERE {row}")).await;
    let said = world.ask(&["replay", "--order", &poisoned.name]).await;
    assert_eq!(said, "asked the relay to publish what 1 parked orders held back\n");
    eventually("nothing is parked", async || parked(&world).await.is_empty()).await;
    assert_eq!(world.ask(&["parked"]).await, "");
    note(&mut commands, &poisoned, "flows again").await;
    let (_, repeated) = consumer.complete(&sql).await;
    assert_eq!(repeated, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_too_large_waits_for_a_broker_that_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let small = NatsOptions {
        storage: Storage::Durable(folder.path().to_owned()),
        settings: "max_payload: 2048".to_owned(),
        ..NatsOptions::for_tests()
    };
    let mut world = World::with_nats(small.clone()).await;
    let relay = world.relay(&[]);
    let service = Service::start(&world.database, &[]).await;
    let (mut commands, sql) = (service.client(), world.sql().await);
    let large = placed(&mut commands).await;
    note(&mut commands, &large, &"x".repeat(1900)).await;
    note(&mut commands, &large, "behind it").await;
    placed(&mut commands).await;
    let consumer = Consumer::of(&world.nats).await;
    eventually("all else is published", async || consumer.count().await == 4).await;
    eventually("the order is parked", async || parked(&world).await.len() == 1).await;
    let listed = parked(&world).await;
    assert!(listed[0]["reason"].as_str().unwrap().contains("2048"), "{listed:?}");

    let options = NatsOptions { address: world.nats.address(), settings: String::new(), ..small };
    std::mem::replace(&mut world.nats, nats(NatsOptions::for_tests()).await).stop();
    world.nats = nats(options).await;
    relay.says("the relay leads").await;
    // The relay sees the new limit when it has connected again.
    eventually("the order is published", async || {
        world.ask(&["replay", "--all"]).await;
        parked(&world).await.is_empty()
    })
    .await;
    let (events, _) = Consumer::of(&world.nats).await.complete(&sql).await;
    assert_eq!(events, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_parked_cannot_be_replayed() {
    let world = World::new().await;
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_command-service"))
        .args(["relay", "replay", "--order", "018f3f6e-7b1a-7c3e-9d2a-5f4b8c6d7e8f"])
        .env("DATABASE_URL", world.database.url())
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is not parked"));
}
