//! Change sets, and committing them.

use command_application::{ChangeSet, Committed, OrderRepository, RepositoryError, RequestKey};
use shared_domain::{Actor, ActorKind, NewOrder, Order, OrderId, OrderSnapshot, TenantId, Timestamp};
use uuid::Uuid;

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

pub(crate) fn acme() -> TenantId {
    tenant("acme")
}

pub(crate) fn new_id() -> OrderId {
    OrderId::chosen(Uuid::now_v7()).unwrap()
}

pub(crate) fn now() -> Timestamp {
    chrono::Utc::now()
}

pub(crate) fn new_request() -> RequestKey {
    RequestKey { id: Uuid::new_v4(), part: 0, hash: *blob() }
}

fn blob() -> Box<[u8; 32]> {
    let mut hash = Box::new([0; 32]);
    fastrand::fill(&mut *hash);
    hash
}

/// The creation of an order, for the tenant `acme` and without a request id.
pub(crate) fn creation(id: OrderId, draft: NewOrder) -> ChangeSet {
    change(None, Order::create(id, draft, now()).unwrap())
}

/// The change of `loaded` by `command`.
pub(crate) fn changed(loaded: &OrderSnapshot, command: impl FnOnce(&mut Order, Timestamp)) -> ChangeSet {
    let mut order = Order::restore(loaded.clone()).unwrap();
    command(&mut order, now());
    change(Some(loaded.clone()), order)
}

/// A change that touches nothing but the version and the history.
pub(crate) fn noted(loaded: &OrderSnapshot) -> ChangeSet {
    use shared_domain::{NoteText, NoteVisibility::Internal};
    changed(loaded, |order, now| order.add_note(NoteText::new("called").unwrap(), Internal, now).unwrap())
}

pub(crate) fn change(loaded: Option<OrderSnapshot>, order: Order) -> ChangeSet {
    let actor = Actor { kind: ActorKind::User, subject: "ada".into() };
    ChangeSet { tenant: acme(), loaded, order, actor, request: None, traceparent: None, deadline: None }
}

pub(crate) fn with_request(request: RequestKey, change: ChangeSet) -> ChangeSet {
    ChangeSet { request: Some(request), ..change }
}

/// Commits one change set.
pub(crate) async fn commit(
    repository: &impl OrderRepository,
    change: ChangeSet,
) -> Result<Committed, RepositoryError> {
    let mut committed = repository.commit(vec![change]).await?;
    assert_eq!(committed.len(), 1);
    Ok(committed.remove(0))
}

/// Creates an order and returns it as it then is.
pub(crate) async fn create(repository: &impl OrderRepository, draft: NewOrder) -> OrderSnapshot {
    let creation = creation(new_id(), draft);
    let order = creation.order.snapshot().clone();
    commit(repository, creation).await.unwrap();
    order
}

/// The tenant's order, if it has it.
pub(crate) async fn load(
    repository: &impl OrderRepository,
    tenant: &TenantId,
    order: OrderId,
) -> Option<OrderSnapshot> {
    let loaded = repository.load(tenant, order, None).await.unwrap();
    assert_eq!(loaded.answer, None);
    loaded.order.map(|order| {
        assert!(order.events().is_empty());
        order.snapshot().clone()
    })
}
