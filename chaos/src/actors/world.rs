//! What all callers know.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fastrand::Rng;
use orders_proto::orders::v1::Order;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

use crate::{history::Recorder, load::Client, plan::Node};

/// How many orders are under way at a time: few, so that they are contended for.
const ORDERS: usize = 24;
/// An order with more versions is left alone: it has grown enough.
const MOST_VERSIONS: i64 = 120;
/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(1);

/// See the module.
pub(crate) struct World {
    /// Where the history is written.
    pub(crate) recorder: Recorder,
    /// The command services.
    pub(crate) commands: Vec<(Node, SocketAddr)>,
    /// The query services.
    pub(crate) queries: Vec<(Node, SocketAddr)>,
    /// Nothing new is begun after this.
    pub(crate) stop: CancellationToken,
    /// Nothing is tried again after this.
    pub(crate) give_up: CancellationToken,
    orders: Mutex<Vec<Order>>,
}

impl World {
    pub(crate) fn new(
        recorder: Recorder,
        commands: Vec<(Node, SocketAddr)>,
        queries: Vec<(Node, SocketAddr)>,
    ) -> Arc<Self> {
        let (stop, give_up) = (CancellationToken::new(), CancellationToken::new());
        Arc::new(Self { recorder, commands, queries, stop, give_up, orders: Mutex::default() })
    }

    /// Connections of its own to all command services.
    pub(crate) fn clients(&self) -> Vec<(Node, Client)> {
        self.commands.iter().map(|(node, address)| (*node, Client::new(channel(*address)))).collect()
    }

    /// An order to do something to; none if there should be a new one.
    pub(crate) fn order(&self, rng: &mut Rng) -> Option<Order> {
        let orders = self.orders();
        if orders.len() < ORDERS && (orders.len() < 4 || rng.u8(..6) == 0) {
            return None;
        }
        rng.choice(&*orders).cloned()
    }

    /// Takes over what was answered about an order.
    pub(crate) fn saw(&self, order: Order) {
        let mut orders = self.orders();
        match orders.iter().position(|known| known.name == order.name) {
            Some(at) if order.version > MOST_VERSIONS => drop(orders.swap_remove(at)),
            Some(at) if order.version > orders[at].version => orders[at] = order,
            Some(_) => {}
            None if order.version < 3 => orders.push(order),
            None => {}
        }
    }

    /// An order is no more of interest.
    pub(crate) fn forget(&self, name: &str) {
        self.orders().retain(|known| known.name != name);
    }

    /// Waits, but not past the end.
    pub(crate) async fn pause(&self, rng: &mut Rng, most_millis: u64) {
        let time = Duration::from_millis(rng.u64(1..=most_millis));
        self.stop.run_until_cancelled(sleep(time)).await;
    }

    fn orders(&self) -> MutexGuard<'_, Vec<Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is made when it is needed, and again when it broke.
pub(crate) fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}"));
    endpoint.expect("an address makes a URL").connect_timeout(CONNECT).connect_lazy()
}
