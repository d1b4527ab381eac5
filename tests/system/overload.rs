//! Far more calls than the services can do: as many are done as ever, the others are refused at once and told when to come back.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use local_stack::{Service, TestDatabase};
use tokio::{task::JoinSet, time::sleep};
use tonic::Status;
use tonic_types::StatusExt;

use crate::support::{
    Commands, Kind, PlainClients, channel, migrated_database, placed, reason, service_with,
};

/// How many callers share a connection.
const PER_CONNECTION: usize = 64;

/// What callers were told in a while.
#[derive(Default)]
struct Told {
    done: usize,
    /// How long each refusal took.
    refused: Vec<Duration>,
    others: Vec<Status>,
    seconds: f64,
}

impl Told {
    fn goodput(&self) -> f64 {
        self.done as f64 / self.seconds
    }

    /// The refusal that this part of the others was no later than.
    fn refused_within(&mut self, part: f64) -> Duration {
        self.refused.sort_unstable();
        let at = (self.refused.len() as f64 * part) as usize;
        self.refused.get(at).or(self.refused.last()).copied().unwrap_or_default()
    }

    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.refused.extend(other.refused);
        self.others.extend(other.others);
        self.seconds = self.seconds.max(other.seconds);
    }
}

struct Bed {
    commands: SocketAddr,
    queries: SocketAddr,
    order: String,
}

impl Bed {
    /// So many callers for a while, each of whom calls again when he was answered, or when he was told to.
    async fn load(&self, kinds: &'static [Kind], callers: usize, time: Duration) -> Told {
        let mut all = JoinSet::new();
        let mut clients = Vec::new();
        for _ in 0..callers.div_ceil(PER_CONNECTION) {
            clients.push(PlainClients::connect(self.commands, self.queries).await);
        }
        for number in 0..callers {
            let (mut clients, order) = (clients[number / PER_CONNECTION].clone(), self.order.clone());
            all.spawn(async move {
                let (mut told, begun) = (Told::default(), Instant::now());
                while begun.elapsed() < time {
                    let kind = kinds[(number + told.done) % kinds.len()];
                    let asked = Instant::now();
                    match kind.call(&mut clients, &order, Some(Duration::from_secs(10))).await {
                        Ok(()) => told.done += 1,
                        Err(status) if reason(&status) == "OVERLOADED" => {
                            told.refused.push(asked.elapsed());
                            let retry = status.get_error_details().retry_info().unwrap().retry_delay;
                            sleep(retry.expect("it says when to come back")).await;
                        }
                        Err(status) => told.others.push(status),
                    }
                }
                told.seconds = begun.elapsed().as_secs_f64();
                told
            });
        }
        let mut told = Told::default();
        for one in all.join_all().await {
            told.add(one);
        }
        told
    }
}

async fn bed(
    database: &TestDatabase,
    environment: &[(&str, &str)],
) -> (Bed, [local_stack::ServiceProcess; 2]) {
    let writing = service_with(Service::Command, database, environment).await;
    let reading = service_with(Service::Query, database, environment).await;
    let order = placed(&mut Commands::new(channel(writing.address()).await)).await.name;
    (Bed { commands: writing.address(), queries: reading.address(), order }, [writing, reading])
}

/// The load that saturates a class of calls, ten times as much, and the first one again; in parts of the goodput of the first.
async fn ten_times(bed: &Bed, kinds: &'static [Kind], callers: usize, time: Duration) -> [f64; 2] {
    bed.load(kinds, callers, time / 2).await;
    let peak = bed.load(kinds, callers, time).await;
    let mut over = bed.load(kinds, callers * 10, time).await;
    let after = bed.load(kinds, callers, time / 2).await;
    for told in [&peak, &over, &after] {
        assert!(told.others.is_empty(), "{:?}", told.others.first());
    }
    eprintln!(
        "{kinds:?}: {:.0}/s with {callers} callers; {:.0}/s with ten times as many, {} refused, half of them within {:?}, \
         99 % within {:?}; {:.0}/s right afterwards",
        peak.goodput(),
        over.goodput(),
        over.refused.len(),
        over.refused_within(0.5),
        over.refused_within(0.99),
        after.goodput(),
    );
    assert!(!over.refused.is_empty(), "it was no overload");
    [over.goodput() / peak.goodput(), after.goodput() / peak.goodput()]
}

/// On a machine that others use too, and with services that are not optimised: that it does not collapse is all that can be seen.
#[tokio::test(flavor = "multi_thread")]
async fn overload_is_refused_and_the_rest_goes_on() {
    let database = migrated_database().await;
    let few =
        [("MAX_CONCURRENT_COMMANDS", "8"), ("MAX_CONCURRENT_READS", "8"), ("MAX_CONCURRENT_LISTS", "8")];
    let (bed, _services) = bed(&database, &few).await;
    for kinds in [&[Kind::Create][..], &[Kind::Get], &[Kind::PageOfCustomer, Kind::List]] {
        let parts = ten_times(&bed, kinds, 8, Duration::from_millis(1500)).await;
        assert!(parts.iter().all(|part| *part > 0.2), "{kinds:?}: {parts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: needs an optimised build, and a machine that does nothing else"]
async fn ten_times_the_load_that_saturates() {
    let database = migrated_database().await;
    let (bed, _services) = bed(&database, &[]).await;
    for kinds in [
        &[Kind::Create][..],
        &[Kind::Note, Kind::Create],
        &[Kind::Get],
        &[Kind::PageOfCustomer],
        &[Kind::List],
    ] {
        ten_times(&bed, kinds, 128, Duration::from_secs(6)).await;
    }
}
