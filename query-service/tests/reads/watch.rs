//! WatchOrders.

mod crashes;
mod cuts;
mod limits;
mod outages;
mod told;

use std::time::Duration;

use orders_proto::orders::v1::{
    OrderChanged, WatchOrdersRequest, WatchOrdersResponse, watch_orders_response::Message,
};
use tokio::time::timeout;
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt;

use crate::support::{Client, Service};

/// Far beyond what anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watch under way, as its caller sees it.
pub(crate) struct Watch(Streaming<WatchOrdersResponse>);

impl Watch {
    pub(crate) async fn begin(mut client: Client, request: WatchOrdersRequest) -> Self {
        Self(client.watch_orders(request).await.unwrap().into_inner())
    }

    /// A watch of everything from now on, that has caught up.
    async fn from_now(service: &Service) -> Self {
        let mut watch = Self::begin(service.client(), WatchOrdersRequest::default()).await;
        watch.catch_up().await;
        watch
    }

    /// The next message; the status that the watch ends with if there is none.
    pub(crate) async fn next(&mut self) -> Result<WatchOrdersResponse, Status> {
        let message = timeout(PATIENCE, self.0.message()).await.expect("a message or an end in time");
        message.map(|message| message.expect("a watch has no end but an error"))
    }

    /// The next change, and the token that comes with it.
    async fn change(&mut self) -> (OrderChanged, String) {
        loop {
            let WatchOrdersResponse { resume_token, message } = self.next().await.unwrap();
            match message.unwrap() {
                Message::OrderChanged(change) => return (change, resume_token),
                Message::Bookmark(_) => {}
                Message::CaughtUp(_) => panic!("it had caught up"),
            }
        }
    }

    /// The next change, whether it has caught up before or not.
    async fn next_change(&mut self) -> OrderChanged {
        loop {
            if let Some(Message::OrderChanged(change)) = self.next().await.unwrap().message {
                return change;
            }
        }
    }

    /// What is told until it has caught up, and the token that comes with that.
    pub(crate) async fn catch_up(&mut self) -> (Vec<OrderChanged>, String) {
        let mut changes = vec![];
        loop {
            let WatchOrdersResponse { resume_token, message } = self.next().await.unwrap();
            match message.unwrap() {
                Message::OrderChanged(change) => changes.push(change),
                Message::Bookmark(_) => {}
                Message::CaughtUp(_) => return (changes, resume_token),
            }
        }
    }
}

/// The order that a change is of, by the end of its name, and its version.
pub(crate) fn told(change: &OrderChanged) -> (String, i64) {
    match (&change.entry, &change.order) {
        (Some(entry), _) => (entry.order.clone(), entry.version),
        (None, Some(order)) => (order.name.clone(), order.version),
        (None, None) => panic!("neither a commit nor an order"),
    }
}

/// The status and the reason that a watch ended with.
fn end(status: &Status) -> (Code, String) {
    (status.code(), status.get_error_details().error_info().unwrap().reason.clone())
}

/// The names of the orders that a watch begins with.
pub(crate) async fn initial(service: &Service, filter: &str) -> Vec<String> {
    let request = WatchOrdersRequest {
        filter: filter.to_owned(),
        include_initial: true,
        ..WatchOrdersRequest::default()
    };
    let (changes, _) = Watch::begin(service.client(), request).await.catch_up().await;
    changes.iter().map(|change| told(change).0).collect()
}
