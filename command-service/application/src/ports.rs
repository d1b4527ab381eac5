//! What the use cases need from outside. Infrastructure implements it; each implementation can be replaced alone.

use std::{
    error::Error,
    future::Future,
    pin::Pin,
    time::{Duration, Instant},
};

use shared_domain::{
    Actor, BrokenInvariant, Order, OrderId, OrderNumber, OrderSnapshot, TenantId, Timestamp,
};
use uuid::Uuid;

/// Tells the time, and lets it pass.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Makes ids.
pub trait IdGenerator: Send + Sync + 'static {
    /// A new order's id.
    fn order_id(&self) -> OrderId;
}

/// Keeps orders, and the answers that were given to requests.
pub trait OrderRepository: Send + Sync + 'static {
    /// The order, if the tenant has it, and the answer that this request was given before, if it was: both as of one moment.
    fn load(
        &self,
        tenant: &TenantId,
        order: OrderId,
        request: Option<Uuid>,
    ) -> impl Future<Output = Result<Loaded, RepositoryError>> + Send;

    /// The answers that a request was given, by part; none if it was not seen before.
    fn answers(
        &self,
        tenant: &TenantId,
        request: Uuid,
    ) -> impl Future<Output = Result<Vec<Answer>, RepositoryError>> + Send;

    /// Commits all the change sets or none of them, each checked against the version it was loaded at. It goes on when the
    /// caller goes away, until their deadline. More than one change set can only be committed if all of them create orders.
    fn commit(
        &self,
        changes: Vec<ChangeSet>,
    ) -> impl Future<Output = Result<Vec<Committed>, RepositoryError>> + Send;

    /// Whether a change set that creates an order could be committed now, without doing it.
    fn check_creation(&self, change: &ChangeSet) -> impl Future<Output = Result<(), RepositoryError>> + Send;

    /// A number that no order of any tenant has.
    fn next_order_number(&self) -> impl Future<Output = Result<OrderNumber, RepositoryError>> + Send;

    /// The published state of an order, as a commit of it would store it.
    fn publish(&self, order: &OrderSnapshot) -> PublishedOrder;
}

/// What a load found.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The order.
    pub order: Option<Order>,
    /// The answer that the request was given before.
    pub answer: Option<Answer>,
}

/// An answer that was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Hash of the request that it was given to.
    pub request_hash: [u8; 32],
    /// The answer.
    pub committed: Committed,
}

/// One order's change, to be committed.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// Whose order.
    pub tenant: TenantId,
    /// The order as it was loaded; `None` if it is new.
    pub loaded: Option<OrderSnapshot>,
    /// The order as it is to be, with the events that led there: at least one.
    pub order: Order,
    /// Who changes it.
    pub actor: Actor,
    /// The request that it is the answer to, if that can be repeated.
    pub request: Option<RequestKey>,
    /// The trace that it belongs to, as the W3C's `traceparent`.
    pub traceparent: Option<String>,
    /// When its caller stops waiting, if ever. Whether it was committed by then, he does not know, and can find out by the request.
    pub deadline: Option<Instant>,
}

/// What makes a repeated request known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestKey {
    /// The request's id, chosen by the caller.
    pub id: Uuid,
    /// The number of the order in the request, from 0.
    pub part: u32,
    /// SHA-256 of the request without its id.
    pub hash: [u8; 32],
}

/// What was committed: the answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Which order.
    pub order: OrderId,
    /// Its version.
    pub version: u64,
    /// Its published state; `None` once it is deleted.
    pub published: Option<PublishedOrder>,
    /// The database transaction that committed it; 0 if nothing had to be committed.
    pub transaction_id: u64,
}

/// An order in the form that infrastructure publishes it in. Opaque here: the same state gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedOrder(pub Vec<u8>);

/// Why the repository could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// An order was changed by somebody else since it was loaded; nothing was committed.
    #[error("the order was changed by somebody else")]
    Conflict,
    /// There is, or was, an order with this id; nothing was committed.
    #[error("there is, or was, an order with this id")]
    OrderExists(OrderId),
    /// Another order of the tenant has this external reference; nothing was committed.
    #[error("another order has this external reference")]
    ExternalReferenceTaken,
    /// The request was answered in the meantime; nothing was committed.
    #[error("the request was answered in the meantime")]
    RequestAnswered,
    /// More is waiting than is taken on; nothing was committed.
    #[error("too many changes are waiting")]
    Overloaded,
    /// The caller did not wait long enough for it to begin; nothing was committed.
    #[error("it was too late to begin")]
    TooLate,
    /// The storage cannot be reached; nothing was committed.
    #[error("the storage cannot be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The storage went away during a commit, which may have taken effect.
    #[error("the outcome of a commit is unknown")]
    OutcomeUnknown(#[source] Box<dyn Error + Send + Sync>),
    /// What was read cannot be an order.
    #[error(transparent)]
    Damaged(#[from] BrokenInvariant),
    /// Anything else: a defect. Nothing was committed.
    #[error("the storage failed")]
    Defect(#[source] Box<dyn Error + Send + Sync>),
}
