//! Orders in memory, for tests of the use cases. It promises all that the repository over PostgreSQL promises, but to outlive
//! the process.

mod state;

use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use command_application::{
    Answer, ChangeSet, Committed, Loaded, OrderRepository, PublishedOrder, RepositoryError,
};
use prost::Message as _;
use shared_domain::{Order, OrderId, OrderNumber, OrderSnapshot, TenantId};
use uuid::Uuid;

use self::state::State;
use crate::published;

/// Orders in memory.
#[derive(Debug, Default)]
pub struct MemoryOrderRepository {
    state: Mutex<State>,
    numbers: AtomicU64,
}

impl MemoryOrderRepository {
    /// Without any order.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it has the lock")
    }
}

impl OrderRepository for MemoryOrderRepository {
    async fn load(
        &self,
        tenant: &TenantId,
        order: OrderId,
        request: Option<Uuid>,
    ) -> Result<Loaded, RepositoryError> {
        let state = self.state();
        let order = state.order(tenant, order).cloned();
        let answer = request.and_then(|request| state.answer(tenant, request, 0)).cloned();
        Ok(Loaded { order: order.map(Order::restore).transpose()?, answer })
    }

    async fn answers(&self, tenant: &TenantId, request: Uuid) -> Result<Vec<Answer>, RepositoryError> {
        let state = self.state();
        Ok((0..).map_while(|part| state.answer(tenant, request, part)).cloned().collect())
    }

    async fn commit(&self, changes: Vec<ChangeSet>) -> Result<Vec<Committed>, RepositoryError> {
        if changes.len() > 1 && changes.iter().any(|change| change.loaded.is_some()) {
            return Err(RepositoryError::Defect("only creations can be committed together".into()));
        }
        let mut state = self.state();
        // All or none: what fails half-way is thrown away.
        let mut next = state.clone();
        let transaction_id = next.begin();
        let mut committed = vec![];
        for change in changes {
            let order = change.order.snapshot();
            let published = (!change.order.is_deleted()).then(|| self.publish(order));
            let answer = Committed { order: order.id, version: order.version, published, transaction_id };
            next.apply(&change, answer.clone())?;
            committed.push(answer);
        }
        *state = next;
        Ok(committed)
    }

    async fn check_creation(&self, change: &ChangeSet) -> Result<(), RepositoryError> {
        self.state().check_creation(&change.tenant, change.order.snapshot())
    }

    async fn next_order_number(&self) -> Result<OrderNumber, RepositoryError> {
        const FIRST: u64 = 10_000_000;
        Ok(OrderNumber::from_sequence(FIRST + self.numbers.fetch_add(1, Ordering::Relaxed)))
    }

    fn publish(&self, order: &OrderSnapshot) -> PublishedOrder {
        PublishedOrder(published::order(order).encode_to_vec())
    }
}
