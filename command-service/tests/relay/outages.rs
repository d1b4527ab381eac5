//! NATS that is not there, dies, and comes back.

use std::time::{Duration, Instant};

use local_stack::{NatsOptions, Storage};
use tokio::time::sleep;

use crate::support::{Consumer, Process, Service, World, nats, note, placed};

#[tokio::test(flavor = "multi_thread")]
async fn commands_go_on_without_nats_and_everything_arrives_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let kept =
        NatsOptions { storage: Storage::Durable(folder.path().to_owned()), ..NatsOptions::for_tests() };
    let mut world = World::with_nats(kept.clone()).await;
    let again = NatsOptions { address: world.nats.address(), ..kept };
    let relay = world.relay(&[]);
    let service = Service::start(&world.database, &[]).await;
    let mut commands = service.client();
    let sql = world.sql().await;

    let mut order = placed(&mut commands).await;
    for outage in 0..3 {
        let mut slowest = Duration::ZERO;
        for number in 0..60 {
            if number == 20 {
                world.nats = kill_and_hold(world.nats).await;
            }
            let asked = Instant::now();
            order = note(&mut commands, &order, "still here").await;
            placed(&mut commands).await;
            slowest = slowest.max(asked.elapsed());
        }
        assert!(slowest < Duration::from_secs(2), "a command took {slowest:?} in outage {outage}");
        // The one that holds the place goes, and the one with the stream comes back.
        drop(std::mem::replace(&mut world.nats, nats(NatsOptions::for_tests()).await));
        world.nats = nats(again.clone()).await;
        let (_, repeated) = Consumer::of(&world.nats).await.complete(&sql).await;
        assert_eq!(repeated, 0);
    }
    let log = relay.log();
    assert_eq!(log.matches("the relay waits for the broker").count(), 3, "one line for each outage: {log}");
    assert_eq!(log.matches("reached the broker again").count(), 3, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes more than ten minutes"]
async fn ten_minutes_without_nats() {
    let folder = tempfile::tempdir().unwrap();
    let kept =
        NatsOptions { storage: Storage::Durable(folder.path().to_owned()), ..NatsOptions::for_tests() };
    let mut world = World::with_nats(kept.clone()).await;
    let again = NatsOptions { address: world.nats.address(), ..kept };
    let _relay = world.relay(&[]);
    let service = Service::start(&world.database, &[]).await;
    let mut commands = service.client();
    let mut order = placed(&mut commands).await;

    world.nats = kill_and_hold(world.nats).await;
    let gone = Instant::now();
    let (mut calls, mut slowest) = (1, Duration::ZERO);
    while gone.elapsed() < Duration::from_secs(600) {
        for call in 0..2 {
            let asked = Instant::now();
            if call == 0 {
                order = note(&mut commands, &order, "still here").await;
            } else {
                placed(&mut commands).await;
            }
            slowest = slowest.max(asked.elapsed());
            calls += 1;
        }
        sleep(Duration::from_millis(40)).await;
    }
    drop(std::mem::replace(&mut world.nats, nats(NatsOptions::for_tests()).await));
    world.nats = nats(again).await;
    let back = Instant::now();
    let (events, repeated) = Consumer::of(&world.nats).await.complete(&world.sql().await).await;
    println!("{calls} commands, the slowest took {slowest:?}");
    println!("{events} events, in order, {:?} after NATS was back; {repeated} came twice", back.elapsed());
    assert_eq!(repeated, 0);
}

/// Kills the server; what stands in its place is another one elsewhere.
async fn kill_and_hold(killed: local_stack::NatsServer) -> local_stack::NatsServer {
    killed.kill();
    nats(NatsOptions::for_tests()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_the_database_that_end_are_opened_again() {
    let world = World::new().await;
    let relay = world.relay(&["--relay-lease", "1s"]);
    // At its start, a session that ends is the end of the process.
    relay.says("the relay runs").await;
    let service = Service::start(&world.database, &[]).await;
    let sql = world.sql().await;
    for _ in 0..40 {
        placed(&mut service.client()).await;
        sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'command-service relay'",
        )
        .await;
        sleep(Duration::from_millis(20)).await;
    }
    Consumer::of(&world.nats).await.complete(&sql).await;
    assert!(relay.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_and_serves_without_nats() {
    let world = World::new().await;
    let address = world.nats.address();
    let url = world.nats.url();
    let World { database, nats: gone } = world;
    gone.stop();
    let service = Service::start(&database, &["--nats-url", &url]).await;
    placed(&mut service.client()).await;
    sleep(Duration::from_millis(300)).await;

    let world = World { database, nats: nats(NatsOptions { address, ..NatsOptions::for_tests() }).await };
    let (events, _) = Consumer::of(&world.nats).await.complete(&world.sql().await).await;
    assert_eq!(events, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_ends_soon_although_nats_is_gone() {
    let world = World::new().await;
    let url = world.nats.url();
    let World { database, nats: gone } = world;
    gone.stop();
    let service = Service::start(&database, &[]).await;
    placed(&mut service.client()).await;
    let relay = Process::start(&database, &["relay", "run", "--nats-url", &url]);
    relay.says("the relay waits for the broker").await;
    let told = Instant::now();
    assert!(relay.stop().await.success());
    assert!(told.elapsed() < Duration::from_secs(3), "{:?}", told.elapsed());
}
