//! Callers who try once more, with the other replica, what was UNAVAILABLE or not even sent.

use std::{error::Error, net::SocketAddr};

use orders_proto::orders::v1::{
    AddOrderNoteRequest, CreateOrderRequest, GetOrderRequest, ListOrdersRequest, NoteVisibility,
};
use tokio_util::sync::CancellationToken;
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};

use crate::support::{Commands, Queries, cart, request_id};

/// What a caller was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) calls: usize,
    pub(super) tried_again: usize,
    /// Those that were tried again since their connection broke: one that is made at the very moment of the end may.
    pub(super) lost: usize,
    /// What was no answer the second time either, or nothing to try again.
    pub(super) failed: Vec<Status>,
}

impl Told {
    pub(super) fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.tried_again += other.tried_again;
        self.lost += other.lost;
        self.failed.extend(other.failed);
    }
}

/// A command that was answered with OK.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Acknowledged {
    pub(super) request: String,
    pub(super) order: String,
    pub(super) version: i64,
}

/// A caller with a connection to each replica.
struct Caller {
    replicas: Vec<Channel>,
    at: usize,
    told: Told,
}

impl Caller {
    fn new(addresses: &[SocketAddr], number: usize) -> Self {
        let lazy = |address| Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        let replicas: Vec<_> = addresses.iter().map(lazy).collect();
        Self { at: number % replicas.len(), replicas, told: Told::default() }
    }

    /// The answer of this replica or, if it is unavailable, of the next one, where the caller stays.
    async fn call<T, F>(&mut self, send: impl Fn(Channel) -> F) -> Option<T>
    where
        F: Future<Output = Result<T, Status>>,
    {
        self.told.calls += 1;
        let answer = match send(self.replicas[self.at].clone()).await {
            Err(status) if status.code() == Code::Unavailable || is_unsent(&status) || is_lost(&status) => {
                self.told.tried_again += 1;
                self.told.lost += usize::from(is_lost(&status));
                self.at = (self.at + 1) % self.replicas.len();
                send(self.replicas[self.at].clone()).await
            }
            answer => answer,
        };
        answer.map_err(|status| self.told.failed.push(status)).ok()
    }
}

/// Whether the connection broke, which other clients call UNAVAILABLE, and tonic's UNKNOWN.
fn is_lost(status: &Status) -> bool {
    status.code() == Code::Unknown && status.message() == "transport error"
}

/// Whether the connection was told to end before the call was sent, or so that the call is known not to have been looked at (RFC 9113,
/// section 6.8). Other clients then take another connection by themselves, or say UNAVAILABLE; tonic's say CANCELLED or INTERNAL.
fn is_unsent(status: &Status) -> bool {
    let mut source = status.source();
    while let Some(error) = source {
        let unsent = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled);
        let told = |error: &h2::Error| {
            error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR)
        };
        if unsent || error.downcast_ref::<h2::Error>().is_some_and(told) {
            return true;
        }
        source = error.source();
    }
    false
}

/// Places orders, each with a note, until told to stop.
pub(super) async fn write(
    replicas: Vec<SocketAddr>,
    number: usize,
    stop: CancellationToken,
) -> (Told, Vec<Acknowledged>) {
    let (mut caller, mut acknowledged) = (Caller::new(&replicas, number), Vec::new());
    while !stop.is_cancelled() {
        let request = request_id();
        let create = CreateOrderRequest {
            order: Some(cart()),
            place: true,
            request_id: request.clone(),
            ..CreateOrderRequest::default()
        };
        let created = caller.call(|replica| {
            let create = create.clone();
            async move { Commands::new(replica).create_order(create).await }
        });
        let Some(order) = created.await.map(tonic::Response::into_inner) else { continue };
        acknowledged.push(Acknowledged { request, order: order.name.clone(), version: order.version });

        let request = request_id();
        let note = AddOrderNoteRequest {
            name: order.name,
            text: "still here".to_owned(),
            visibility: NoteVisibility::Internal.into(),
            request_id: request.clone(),
            ..AddOrderNoteRequest::default()
        };
        let noted = caller.call(|replica| {
            let note = note.clone();
            async move { Commands::new(replica).add_order_note(note).await }
        });
        let Some(order) = noted.await.map(tonic::Response::into_inner) else { continue };
        acknowledged.push(Acknowledged { request, order: order.name, version: order.version });
    }
    (caller.told, acknowledged)
}

/// Reads an order, and lists, until told to stop.
pub(super) async fn read(
    replicas: Vec<SocketAddr>,
    number: usize,
    order: String,
    stop: CancellationToken,
) -> (Told, Vec<Acknowledged>) {
    let mut caller = Caller::new(&replicas, number);
    while !stop.is_cancelled() {
        let get = GetOrderRequest { name: order.clone(), ..GetOrderRequest::default() };
        caller
            .call(|replica| {
                let get = get.clone();
                async move { Queries::new(replica).get_order(get).await }
            })
            .await;
        let list = ListOrdersRequest { page_size: 5, ..ListOrdersRequest::default() };
        caller
            .call(|replica| {
                let list = list.clone();
                async move { Queries::new(replica).list_orders(list).await }
            })
            .await;
    }
    (caller.told, Vec::new())
}
