//! Orders in memory that are looked at on their way in: what is committed obeys the laws of the domain.

use std::{collections::HashMap, sync::Mutex};

use command_application::{
    Answer, ChangeSet, Committed, Loaded, OrderRepository, PublishedOrder, RepositoryError,
};
use command_infrastructure::memory::MemoryOrderRepository;
use shared_domain::{Event, Order, OrderId, OrderNumber, OrderSnapshot, TenantId, Timestamp};
use uuid::Uuid;

/// The commits of an order.
type Commits = Vec<(Timestamp, Vec<Event>)>;

/// Orders in memory, all of them sound.
#[derive(Debug, Default)]
pub(super) struct Sound {
    orders: MemoryOrderRepository,
    commits: Mutex<HashMap<OrderId, Commits>>,
}

impl Sound {
    /// The commits of the order with this one.
    fn checked(&self, change: &ChangeSet) -> Commits {
        let order = change.order.snapshot();
        let known = self.commits.lock().expect("nothing panics with it").get(&order.id).cloned();
        let mut commits = known.unwrap_or_default();
        commits.push((order.times.update, change.order.events().to_vec()));
        if let Some(before) = &change.loaded {
            assert_eq!(order.version, before.version + 1, "one command makes one version");
            assert!(order.times.update > before.times.update, "commit times increase");
        }
        if !change.order.is_deleted() {
            assert_eq!(commits.len() as u64, order.version, "versions count commits");
            assert_sound(order, &commits);
        }
        commits
    }
}

fn assert_sound(order: &OrderSnapshot, commits: &Commits) {
    order.check_invariants().unwrap_or_else(|broken| panic!("{broken}: {order:?}"));
    let restored = Order::restore(order.clone()).expect("what keeps the invariants can be restored");
    assert_eq!(restored.snapshot(), order, "restoring is the identity");
    let told = commits.iter().map(|(time, events)| (*time, events.as_slice()));
    assert_eq!(OrderSnapshot::fold(told).as_ref(), Some(order), "its events make the order");

    let totals = order.totals();
    let parts = [totals.subtotal, totals.shipping, totals.surcharge, totals.discount, totals.tax];
    let [subtotal, shipping, surcharge, discount, tax] = parts.map(|money| money.minor_units());
    assert!(parts.iter().all(|part| !part.is_negative() && part.currency() == order.currency), "{totals:?}");
    assert_eq!(totals.total.minor_units(), subtotal + shipping + surcharge - discount + tax, "{totals:?}");
    assert!(!totals.total.is_negative(), "{totals:?}");
    for (line, discount) in order.lines.iter().zip(order.line_discounts()) {
        let costs = order.line_subtotal(line).minor_units();
        assert!((0..=costs).contains(&discount.minor_units()), "{line:?}");
        assert_eq!(line.live() + line.cancelled, line.ordered, "{line:?}");
    }
    let _defined = (order.balance(), order.payment_state(), order.fulfillment_state());
}

impl OrderRepository for Sound {
    async fn load(
        &self,
        tenant: &TenantId,
        order: OrderId,
        request: Option<Uuid>,
    ) -> Result<Loaded, RepositoryError> {
        self.orders.load(tenant, order, request).await
    }

    async fn answers(&self, tenant: &TenantId, request: Uuid) -> Result<Vec<Answer>, RepositoryError> {
        self.orders.answers(tenant, request).await
    }

    async fn commit(&self, changes: Vec<ChangeSet>) -> Result<Vec<Committed>, RepositoryError> {
        let commits: Vec<_> =
            changes.iter().map(|change| (change.order.snapshot().id, self.checked(change))).collect();
        let committed = self.orders.commit(changes).await?;
        self.commits.lock().expect("nothing panics with it").extend(commits);
        Ok(committed)
    }

    async fn check_creation(&self, change: &ChangeSet) -> Result<(), RepositoryError> {
        self.checked(change);
        self.orders.check_creation(change).await
    }

    async fn next_order_number(&self) -> Result<OrderNumber, RepositoryError> {
        self.orders.next_order_number().await
    }

    fn publish(&self, order: &OrderSnapshot) -> PublishedOrder {
        self.orders.publish(order)
    }
}
