//! A command service that ends at a failpoint under load, and another one that takes its place.

use std::{process::ExitStatus, sync::Arc, time::Duration};

use local_stack::{NatsOptions, NatsServer, Output, Service, ServiceOptions, ServiceProcess, TestPostgres};
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};
use tokio_postgres::NoTls;

use crate::{
    actors::{self, World},
    checkers::{self, Verdict},
    evidence::{Evidence, commits, published},
    history::Recorder,
    plan::Node,
    proxy::Proxy,
    run::ChaosError,
};

const CLIENTS: u64 = 8;
/// How long the service may take to come to its failpoint, and whatever was published to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the clients go on with the service that takes its place.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// What came of it.
#[derive(Debug)]
pub struct Crash {
    /// How the service ended.
    pub status: ExitStatus,
    /// What all checkers say.
    pub verdicts: Vec<Verdict>,
}

/// Puts a service that ends where `failpoints` says under load, and starts another one when it has.
///
/// # Errors
/// [`ChaosError`] if there is nothing to look at.
pub async fn crash(failpoints: &str) -> Result<Crash, ChaosError> {
    let database = TestPostgres::shared().await?.empty_database().await?;
    let nats = spawn_blocking(|| NatsServer::start(&NatsOptions::for_tests())).await;
    let nats = nats.expect("starting a server does not panic")?;
    let options = ServiceOptions::new(Service::Command, "127.0.0.1:0", database.url())
        .output(Output::Keep)
        .environment("NATS_URL", nats.url())
        .environment("RELAY_LEASE", "1s");
    let victim = options.clone().program_named("command-service-failpoints");
    let mut victim = ServiceProcess::start(victim.environment("FAILPOINTS", failpoints)).await?;
    let front = Proxy::start().await?;
    front.lead_to(Some(victim.address()));

    let history = tempfile::NamedTempFile::new()?;
    let services = vec![(Node::Command(0), front.address())];
    let world = World::new(Recorder::create(history.path())?, services, vec![]);
    let mut callers = JoinSet::new();
    for seed in 0..CLIENTS {
        callers.spawn(actors::client(Arc::clone(&world), seed));
    }
    let status = timeout(PATIENCE, victim.wait()).await;
    let status = status.map_err(|_| ChaosError::Stuck("the service comes to its failpoint"))??;
    let survivor = ServiceProcess::start(options).await?;
    front.lead_to(Some(survivor.address()));
    sleep(AFTERWARDS).await;
    world.stop.cancel();
    if timeout(PATIENCE, callers.join_all()).await.is_err() {
        return Err(ChaosError::Stuck("every call is answered"));
    }

    let (sql, connection) = tokio_postgres::connect(database.url(), NoTls).await?;
    tokio::spawn(connection);
    let commits = commits(&sql).await?;
    let published = published(&nats.url(), &commits, PATIENCE).await.map_err(ChaosError::Stream)?;
    let evidence = Evidence { history: world.recorder.history()?, commits, published, watches: 0 };
    Ok(Crash { status, verdicts: checkers::all(&evidence) })
}
