//! A database, and both services at work on it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use local_stack::{Output, Service, ServiceOptions, ServiceProcess};
use tokio::time::sleep;
use tokio_postgres::Client;

use super::{Bed, connect, sample::Sampled, sound};
use crate::{
    bed::Orders,
    dataset::{analyze, fill},
    load::Targets,
    measure::Meters,
};

/// How many orders there are when the planner has its first look.
const FIRST_DAY: u64 = 1_000;
/// How long the projections may take to follow all orders that there are to begin with.
const FOLLOW_PATIENCE: Duration = Duration::from_secs(300);
/// How long a service may take to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// A database with orders, and the services.
#[derive(Debug)]
pub(crate) struct Site {
    command: ServiceProcess,
    query: ServiceProcess,
    postgres: u32,
    /// The database's URL. It holds no secret.
    pub(crate) url: String,
    /// A connection to the database.
    pub(crate) client: Client,
    /// Rows and answers of the real service.
    pub(crate) sampled: Sampled,
    /// What is in the database.
    pub(crate) orders: Orders,
    /// From the start of each service's process until it was healthy, on a database that was up to date.
    pub(crate) ready: [(&'static str, Duration); 2],
}

/// Whether command-service computes the projections beside its commands, as it does by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Projections {
    Followed,
    Left,
}

impl Site {
    /// A new database with so many orders, and both services in front of it. Statistics are those of a shop's first day. Projections
    /// that are followed are complete.
    pub(crate) async fn open(
        bed: &Bed,
        name: &str,
        orders: Orders,
        projections: Projections,
    ) -> Result<Self> {
        let url = bed.database(name).await?;
        let client = connect(&url).await?;
        // What is computed from an order later is not part of what its commit writes: nobody follows yet.
        let (first_writer, _) = start(Service::Command, &url, Projections::Left).await?;
        let sampled = Sampled::take(&client, first_writer.address()).await.context("the first orders")?;
        first_writer.stop(STOP_PATIENCE).await?;
        let first = FIRST_DAY.min(orders.count);
        fill(&url, &sampled.placed, 0..first, orders.customers).await?;
        analyze(&client).await?;
        fill(&url, &sampled.placed, first..orders.count, orders.customers).await?;
        client.batch_execute("CHECKPOINT").await?;
        let (command, command_ready) = start(Service::Command, &url, projections).await?;
        let (query, query_ready) = start(Service::Query, &url, projections).await?;
        if projections == Projections::Followed {
            followed(&client).await?;
        }
        let ready = [(Service::Command.name(), command_ready), (Service::Query.name(), query_ready)];
        let postgres = bed.server().pid();
        let site = Self { command, query, postgres, url, client, sampled, orders, ready };
        sound::check(&site).await.context("the data set is not what it should be")?;
        Ok(site)
    }

    /// Where the services listen.
    pub(crate) fn targets(&self) -> Targets {
        Targets { command: self.command.address(), query: self.query.address() }
    }

    /// The meters of both services and of PostgreSQL.
    pub(crate) fn meters(&self) -> Meters {
        Meters { services: vec![self.command.pid(), self.query.pid()], postgres: self.postgres }
    }

    /// Meters of PostgreSQL and one other process.
    pub(crate) fn meters_with(&self, pid: Option<u32>) -> Meters {
        Meters { services: pid.into_iter().collect(), postgres: self.postgres }
    }

    /// The process of command-service.
    pub(crate) fn command_pid(&self) -> u32 {
        self.command.pid()
    }

    /// The process of query-service.
    pub(crate) fn query_pid(&self) -> u32 {
        self.query.pid()
    }

    /// Stops the services.
    pub(crate) async fn close(self) -> Result<()> {
        let (command, query) = tokio::join!(self.command.stop(STOP_PATIENCE), self.query.stop(STOP_PATIENCE));
        command?;
        query?;
        Ok(())
    }
}

/// Starts a service with its own defaults otherwise, and says how long it took.
async fn start(service: Service, url: &str, projections: Projections) -> Result<(ServiceProcess, Duration)> {
    let mut options = ServiceOptions::new(service, "127.0.0.1:0", url).output(Output::Keep);
    if service == Service::Command && projections == Projections::Left {
        options = options.argument("--no-projections");
    }
    let begin = Instant::now();
    let process = ServiceProcess::start(options).await?;
    Ok((process, begin.elapsed()))
}

/// Waits until the projections have all orders.
async fn followed(client: &Client) -> Result<()> {
    let begin = Instant::now();
    let complete = "SELECT bool_and(next_xid IS NULL) FROM active_projections";
    while !client.query_one(complete, &[]).await?.get::<_, bool>(0) {
        ensure!(begin.elapsed() < FOLLOW_PATIENCE, "the projections do not get to the end");
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
