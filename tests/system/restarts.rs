//! Services that are told to end and start anew, one after the other, under load, as in a rolling update: callers who try
//! UNAVAILABLE once more, with the other replica, notice nothing, whoever else holds on to the one that ends.

mod callers;
mod stubborn;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use local_stack::{Output, Service, ServiceOptions, ServiceProcess, TestDatabase};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::{
    callers::{Acknowledged, Told, read, write},
    stubborn::Stubborn,
};
use crate::{
    books,
    support::{Sql, commands_at, migrated_database, placed},
};

/// Replicas of each service.
const REPLICAS: usize = 2;
/// Callers who write, and as many who read.
const CALLERS: usize = 8;
/// How long a service may take to end, whatever its clients do.
const END: Duration = Duration::from_secs(25);
/// How long calls under way may go on. The stubborn ones would make every end last as long as the default.
const DRAIN: (&str, &str) = ("DRAIN_TIMEOUT", "2s");

/// A process that is replaced by another one on the same address, again and again.
struct Replica {
    service: Service,
    address: SocketAddr,
    process: Option<ServiceProcess>,
    /// Who holds on to it.
    stubborn: Option<Stubborn>,
}

impl Replica {
    async fn start(service: Service, address: &str, database: &TestDatabase, order: &str) -> Self {
        let options = ServiceOptions::with(service, address, &database.logins()).output(Output::Keep);
        let process = ServiceProcess::start(options.environment(DRAIN.0, DRAIN.1)).await;
        let process = process.unwrap_or_else(|error| panic!("{error}"));
        let address = process.address();
        let stubborn = Stubborn::hold(service, address, order).await;
        Self { service, address, process: Some(process), stubborn: Some(stubborn) }
    }

    /// Has it end by SIGTERM, and starts another one. How long the end took.
    async fn restart(&mut self, database: &TestDatabase, order: &str) -> Duration {
        let told = Instant::now();
        let process = self.process.take().unwrap();
        let status = process.stop(END + Duration::from_secs(5)).await.unwrap();
        let took = told.elapsed();
        assert!(status.success() && took < END, "{:?}: {status} after {took:?}", self.service);
        let let_go = self.stubborn.take().unwrap();
        *self = Self::start(self.service, &self.address.to_string(), database, order).await;
        drop(let_go);
        took
    }
}

/// What became of it all.
struct Figures {
    longest: Duration,
    told: Told,
    acknowledged: usize,
}

/// Ends services so many times, in turns, under load.
async fn restarts(times: usize) -> Figures {
    let database = migrated_database().await;
    // The order that is read has to be there first.
    let first = crate::support::service(Service::Command, &database).await;
    let order = placed(&mut commands_at(first.address()).await).await.name;
    assert!(first.stop(END).await.unwrap().success());

    let mut replicas = Vec::new();
    for number in 0..2 * REPLICAS {
        let service = [Service::Command, Service::Query][number % 2];
        replicas.push(Replica::start(service, "127.0.0.1:0", &database, &order).await);
    }
    let addresses = |service| -> Vec<SocketAddr> {
        replicas.iter().filter(|replica| replica.service == service).map(|replica| replica.address).collect()
    };
    let (writers, readers) = (addresses(Service::Command), addresses(Service::Query));

    let stop = CancellationToken::new();
    let mut load = JoinSet::new();
    for number in 0..CALLERS {
        load.spawn(write(writers.clone(), number, stop.clone()));
        load.spawn(read(readers.clone(), number, order.clone(), stop.clone()));
    }
    let mut longest = Duration::ZERO;
    for number in 0..times {
        let turn = number % replicas.len();
        longest = longest.max(replicas[turn].restart(&database, &order).await);
    }
    stop.cancel();
    let (mut told, mut acknowledged) = (Told::default(), Vec::new());
    for (one, theirs) in load.join_all().await {
        told.add(one);
        acknowledged.extend(theirs);
    }
    assert!(told.failed.is_empty(), "{} failed, as {:?}", told.failed.len(), told.failed.first());
    assert!(told.lost <= times, "{} calls lost their connection", told.lost);
    let sql = Sql::connect(&database).await;
    each_is_there_once(&sql, &acknowledged).await;
    books::check(&sql, "after the services were restarted").await;
    Figures { longest, told, acknowledged: acknowledged.len() }
}

async fn each_is_there_once(sql: &Sql, acknowledged: &[Acknowledged]) {
    let rows = sql
        .rows("SELECT request_id::text, order_id::text, version FROM order_history WHERE request_id IS NOT NULL")
        .await;
    let mut stored: Vec<Acknowledged> = rows
        .iter()
        .map(|row| Acknowledged {
            request: row.get(0),
            order: format!("orders/{}", row.get::<_, String>(1)),
            version: row.get(2),
        })
        .collect();
    stored.sort_unstable();
    for one in acknowledged {
        assert!(stored.binary_search(one).is_ok(), "acknowledged and not stored: {one:?}");
    }
    let mut requests: Vec<_> = acknowledged.iter().map(|one| &one.request).collect();
    requests.sort_unstable();
    requests.dedup();
    assert_eq!(requests.len(), acknowledged.len(), "each request is acknowledged once");
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_under_load_fail_nobody_who_tries_again() {
    let figures = restarts(2 * 2 * REPLICAS).await;
    assert!(figures.acknowledged > 0 && figures.told.tried_again > 0, "it was no load");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes ten minutes"]
async fn two_hundred_restarts_under_load_fail_nobody_who_tries_again() {
    let Figures { longest, told, acknowledged } = restarts(200).await;
    println!(
        "200 services ended, the slowest after {longest:?}; {} calls, {} of them tried again, {} of these since the connection was \
         lost; 0 failed; {acknowledged} acknowledged commands are stored, each once",
        told.calls, told.tried_again, told.lost
    );
}
