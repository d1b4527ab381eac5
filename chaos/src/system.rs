//! What runs: both services, several times, PostgreSQL and NATS, with a link between any two that talk to each other.

mod servers;
mod service;
mod signals;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex, time::sleep};

use self::{
    servers::{Nats, Postgres},
    service::Keeper,
    signals::Signal,
};
use crate::{
    plan::{Fault, Link, NODES, Node, Victim},
    proxy::Proxy,
    run::ChaosError,
};

/// How often to look for services that ended by themselves.
const WATCH: Duration = Duration::from_millis(100);
/// How long to look for a session that commits.
const SESSION_PATIENCE: Duration = Duration::from_secs(2);

/// See the module. A fault that is applied to what another one is applied to waits for that one.
pub(crate) struct System {
    // In this order they end: what uses something before what it uses.
    services: BTreeMap<Node, Mutex<Keeper>>,
    links: BTreeMap<Link, Proxy>,
    nats: Mutex<Nats>,
    postgres: Mutex<Postgres>,
    /// What ended by itself and should not have.
    deaths: Lock<Vec<String>>,
}

impl System {
    /// Starts everything, with its data in this folder. With `failpoints`, the command services end where that says.
    pub(crate) async fn start(folder: &Path, failpoints: Option<&str>) -> Result<Arc<Self>, ChaosError> {
        let nodes = || (0..NODES).flat_map(|number| [Node::Command(number), Node::Query(number)]);
        let mut links = BTreeMap::new();
        for node in nodes() {
            links.insert(Link::Front(node), Proxy::start().await?);
            links.insert(Link::Database(node), Proxy::start().await?);
        }
        for number in 0..NODES {
            links.insert(Link::Broker(number), Proxy::start().await?);
        }
        let (postgres, nats) = (Postgres::start(folder).await?, Nats::start(folder).await?);
        let database_at = |node| postgres.url_through(links[&Link::Database(node)].address());
        let mut services = BTreeMap::new();
        for node in nodes() {
            let broker = match node {
                Node::Command(number) => Some(links[&Link::Broker(number)].address()),
                Node::Query(_) => None,
            };
            let keeper = Keeper::new(node, database_at(node)?, broker, failpoints.map(str::to_owned));
            services.insert(node, Mutex::new(keeper));
        }
        let system = Self {
            services,
            links,
            postgres: Mutex::new(postgres),
            nats: Mutex::new(nats),
            deaths: Lock::default(),
        };
        system.lead_to_postgres(system.postgres.lock().await.address());
        system.lead_to_nats(system.nats.lock().await.address());
        // Command services sort before query services: the first one migrates the schema that the others need.
        for node in system.services.keys() {
            system.start_service(*node).await?;
        }
        system.postgres.lock().await.have_commits_dawdle().await?;
        Ok(Arc::new(system))
    }

    /// Where clients reach a service, whether or not it is there.
    pub(crate) fn front(&self, node: Node) -> SocketAddr {
        self.links[&Link::Front(node)].address()
    }

    /// The database, past all links.
    pub(crate) async fn database_url(&self) -> Option<String> {
        self.postgres.lock().await.url()
    }

    /// NATS, past all links.
    pub(crate) async fn nats_url(&self) -> Option<String> {
        self.nats.lock().await.url()
    }

    /// What ended by itself.
    pub(crate) fn deaths(&self) -> Vec<String> {
        self.deaths.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has something fail, and mends it again: what was done, in a word; none if there was nothing to do it to.
    pub(crate) async fn apply(&self, fault: Fault) -> Result<Option<&'static str>, ChaosError> {
        match fault {
            Fault::Kill { victim: Victim::Service(node), down } => {
                let mut keeper = self.services[&node].lock().await;
                self.bury(&mut keeper).await;
                self.links[&Link::Front(node)].lead_to(None);
                keeper.kill().await;
                sleep(down).await;
                self.start_kept(&mut keeper).await?;
                Ok(Some(service_name(node)))
            }
            Fault::Kill { victim: Victim::Postgres, down } => {
                let mut postgres = self.postgres.lock().await;
                self.lead_to_postgres(None);
                postgres.kill().await;
                sleep(down).await;
                postgres.start_again().await?;
                self.lead_to_postgres(postgres.address());
                Ok(Some("PostgreSQL"))
            }
            Fault::Kill { victim: Victim::Session, .. } => {
                let postgres = self.postgres.lock().await;
                let pid = postgres.committing_session(SESSION_PATIENCE).await;
                Ok(pid.filter(|pid| signals::send(*pid, Signal::KILL)).map(|_| "a session"))
            }
            Fault::Kill { victim: Victim::Nats, down } => {
                let mut nats = self.nats.lock().await;
                self.lead_to_nats(None);
                nats.kill().await;
                sleep(down).await;
                nats.start_again().await?;
                self.lead_to_nats(nats.address());
                Ok(Some("NATS"))
            }
            Fault::Freeze { victim, time } => Ok(self.freeze(victim, time).await),
            Fault::Cut { link } => {
                self.links[&link].cut();
                Ok(Some(link_name(link)))
            }
            Fault::Slow { link, time, delay, bytes_per_second } => {
                self.links[&link].change(|weather| {
                    weather.delay = delay;
                    weather.bytes_per_second = bytes_per_second;
                });
                sleep(time).await;
                self.links[&link].heal();
                Ok(Some(link_name(link)))
            }
            Fault::HalfOpen { link, time, swallowed } => {
                self.links[&link].change(|weather| weather.swallowed = Some(swallowed));
                sleep(time).await;
                self.links[&link].heal();
                Ok(Some(link_name(link)))
            }
        }
    }

    async fn freeze(&self, victim: Victim, time: Duration) -> Option<&'static str> {
        match victim {
            Victim::Service(node) => {
                let keeper = self.services[&node].lock().await;
                signals::freeze(&[keeper.pid()?], time).await;
                Some(service_name(node))
            }
            Victim::Postgres => {
                let postgres = self.postgres.lock().await;
                signals::freeze(&postgres.processes(), time).await;
                Some("PostgreSQL")
            }
            Victim::Session => {
                let postgres = self.postgres.lock().await;
                let frozen = postgres.freeze_commit(SESSION_PATIENCE).await?;
                sleep(time).await;
                drop(frozen);
                Some("a session")
            }
            Victim::Nats => {
                let nats = self.nats.lock().await;
                signals::freeze(&[nats.pid()?], time).await;
                Some("NATS")
            }
        }
    }

    /// Starts services again that ended by themselves, without end.
    pub(crate) async fn watch_over(&self) -> Result<(), ChaosError> {
        loop {
            sleep(WATCH).await;
            for keeper in self.services.values() {
                if let Ok(mut keeper) = keeper.try_lock()
                    && self.bury(&mut keeper).await
                {
                    self.start_kept(&mut keeper).await?;
                }
            }
        }
    }

    /// All links are good again.
    pub(crate) fn heal(&self) {
        self.links.values().for_each(Proxy::heal);
    }

    /// Notes it if a service ended by itself: whether it did. It may, where it was told to by a failpoint.
    async fn bury(&self, keeper: &mut Keeper) -> bool {
        let Some(death) = keeper.death().await else { return false };
        if !keeper.may_end() {
            self.deaths.lock().unwrap_or_else(PoisonError::into_inner).push(death);
        }
        true
    }

    async fn start_service(&self, node: Node) -> Result<(), ChaosError> {
        self.start_kept(&mut *self.services[&node].lock().await).await
    }

    async fn start_kept(&self, keeper: &mut Keeper) -> Result<(), ChaosError> {
        let address = keeper.start().await?;
        self.links[&Link::Front(keeper.node())].lead_to(Some(address));
        Ok(())
    }

    fn lead_to_postgres(&self, address: Option<SocketAddr>) {
        for (_, link) in self.links.iter().filter(|(link, _)| matches!(link, Link::Database(_))) {
            link.lead_to(address);
        }
    }

    fn lead_to_nats(&self, address: Option<SocketAddr>) {
        for (_, link) in self.links.iter().filter(|(link, _)| matches!(link, Link::Broker(_))) {
            link.lead_to(address);
        }
    }

    /// Ends everything.
    pub(crate) async fn stop(self: Arc<Self>) {
        for keeper in self.services.values() {
            keeper.lock().await.kill().await;
        }
        self.nats.lock().await.kill().await;
        self.postgres.lock().await.kill().await;
    }
}

fn service_name(node: Node) -> &'static str {
    match node {
        Node::Command(_) => "command-service",
        Node::Query(_) => "query-service",
    }
}

fn link_name(link: Link) -> &'static str {
    match link {
        Link::Front(_) => "clients to services",
        Link::Database(_) => "services to PostgreSQL",
        Link::Broker(_) => "relay to NATS",
    }
}
