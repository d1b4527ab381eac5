//! Relays that are killed, that hang, and that are replaced, under load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use local_stack::{NatsOptions, Storage};
use rustix::process::Signal;
use tokio::{task::JoinSet, time::sleep};

use crate::support::{Commands, Consumer, Process, Service, World, nats, note, placed};

const WRITERS: usize = 8;
const LEASE: [&str; 2] = ["--relay-lease", "1s"];

/// Commands without a pause until it is stopped.
struct Load {
    stopped: Arc<AtomicBool>,
    writers: JoinSet<()>,
}

impl Load {
    fn start(commands: &Commands) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            writers.spawn(write(commands.clone(), Arc::clone(&stopped)));
        }
        Self { stopped, writers }
    }

    async fn stop(self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.writers.join_all().await;
    }
}

async fn write(mut commands: Commands, stopped: Arc<AtomicBool>) {
    while !stopped.load(Ordering::Relaxed) {
        let order = placed(&mut commands).await;
        for text in ["one", "two", "three"] {
            note(&mut commands, &order, text).await;
            sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relays_that_die_and_hang_lose_nothing_and_invert_nothing() {
    let world = World::new().await;
    let service = Service::start(&world.database, &[]).await;
    let sql = world.sql().await;
    let first = world.relay(&LEASE);
    let mut leader = sql.new_leader(None).await;
    let second = world.relay(&LEASE);
    second.says("the relay runs").await;
    let load = Load::start(&service.client());
    sleep(Duration::from_millis(500)).await;

    // The first hangs: the second takes over. The first comes back, and leaves the lead to it.
    first.signal(Signal::STOP);
    let hung = Instant::now();
    leader = sql.new_leader(Some(leader)).await;
    assert!(hung.elapsed() < Duration::from_secs(4), "taken over after {:?}", hung.elapsed());
    sleep(Duration::from_millis(500)).await;
    first.signal(Signal::CONT);
    first.says("leads no more").await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(sql.leader().await, Some(leader), "who hung does not take the lead back");

    // The second dies, and the first leads again.
    second.kill().await;
    leader = sql.new_leader(Some(leader)).await;
    sleep(Duration::from_millis(500)).await;

    // The first is replaced in good order: the third need not wait for a lease to expire.
    let third = world.relay(&["--relay-lease", "1h"]);
    third.says("the relay runs").await;
    assert!(first.stop().await.success());
    let stopped = Instant::now();
    leader = sql.new_leader(Some(leader)).await;
    assert!(stopped.elapsed() < Duration::from_secs(3), "replaced after {:?}", stopped.elapsed());
    sleep(Duration::from_millis(500)).await;

    load.stop().await;
    let (events, repeated) = Consumer::of(&world.nats).await.complete(&sql).await;
    assert!(events > 500, "{events} events are no load");
    assert_eq!(repeated, 0, "the stream itself knows an event again within two minutes");
    assert_eq!(sql.leader().await, Some(leader));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_publishes_gives_the_lead_back_when_it_stops() {
    let world = World::new().await;
    let sql = world.sql().await;
    let serving = Process::start(
        &world.database,
        &["serve", "--listen-address=127.0.0.1:0", "--ops-address=none", "--nats-url", &world.nats.url()],
    );
    sql.new_leader(None).await;
    assert!(serving.stop().await.success());
    assert_eq!(sql.leader().await, None);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute"]
async fn twenty_deaths_and_freezes_of_relays_and_nats_lose_nothing_and_invert_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let kept =
        NatsOptions { storage: Storage::Durable(folder.path().to_owned()), ..NatsOptions::for_tests() };
    let mut world = World::with_nats(kept.clone()).await;
    let again = NatsOptions { address: world.nats.address(), ..kept };
    let url = world.nats.url();
    let relay =
        |world: &World| Process::start(&world.database, &["relay", "--nats-url", &url, LEASE[0], LEASE[1]]);
    let service = Service::start(&world.database, &[]).await;
    let mut relays: Vec<_> = (0..3).map(|_| relay(&world)).collect();
    let load = Load::start(&service.client());
    for round in 0..20_u64 {
        sleep(Duration::from_millis(700 + 130 * (round % 7))).await;
        let victim = relays.remove(usize::try_from(round * 7 % 3).unwrap());
        if round % 5 == 4 {
            std::mem::replace(&mut world.nats, nats(NatsOptions::for_tests()).await).kill();
            sleep(Duration::from_millis(300)).await;
            world.nats = nats(again.clone()).await;
        }
        if round % 2 == 0 {
            victim.kill().await;
            relays.push(relay(&world));
        } else {
            victim.signal(Signal::STOP);
            sleep(Duration::from_millis(1300)).await;
            victim.signal(Signal::CONT);
            relays.push(victim);
        }
    }
    load.stop().await;
    let (events, repeated) = Consumer::of(&world.nats).await.complete(&world.sql().await).await;
    assert!(events > 5_000, "{events} events are no load");
    println!("{events} events, 0 missing, 0 inverted, {repeated} that the stream has more than once");
}
