//! What is kept: orders, the ids that were ever used, external references, and answers.

use std::collections::{HashMap, HashSet};

use command_application::{Answer, ChangeSet, Committed, RepositoryError};
use shared_domain::{ExternalReference, OrderId, OrderSnapshot, TenantId};
use uuid::Uuid;

/// The content of the repository.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    orders: HashMap<(TenantId, OrderId), OrderSnapshot>,
    used_ids: HashSet<(TenantId, OrderId)>,
    references: HashSet<(TenantId, ExternalReference)>,
    answers: HashMap<(TenantId, Uuid, u32), Answer>,
    transactions: u64,
}

impl State {
    pub(super) fn order(&self, tenant: &TenantId, order: OrderId) -> Option<&OrderSnapshot> {
        self.orders.get(&(tenant.clone(), order))
    }

    pub(super) fn answer(&self, tenant: &TenantId, request: Uuid, part: u32) -> Option<&Answer> {
        self.answers.get(&(tenant.clone(), request, part))
    }

    /// Begins a transaction, and tells its id.
    pub(super) fn begin(&mut self) -> u64 {
        self.transactions += 1;
        self.transactions
    }

    /// Whether the order could be created.
    pub(super) fn check_creation(
        &self,
        tenant: &TenantId,
        order: &OrderSnapshot,
    ) -> Result<(), RepositoryError> {
        if self.used_ids.contains(&(tenant.clone(), order.id)) {
            return Err(RepositoryError::OrderExists(order.id));
        }
        match &order.external_reference {
            Some(reference) if self.references.contains(&(tenant.clone(), reference.clone())) => {
                Err(RepositoryError::ExternalReferenceTaken)
            }
            _ => Ok(()),
        }
    }

    /// Takes over what a change set says. On an error, some of it may have been taken over.
    pub(super) fn apply(&mut self, change: &ChangeSet, committed: Committed) -> Result<(), RepositoryError> {
        let (tenant, order) = (&change.tenant, change.order.snapshot());
        let key = (tenant.clone(), order.id);
        let version = self.orders.get(&key).map(|order| order.version);
        match &change.loaded {
            None if change.order.is_deleted() => return Err(RepositoryError::Conflict),
            None => self.check_creation(tenant, order)?,
            Some(loaded) if version != Some(loaded.version) => return Err(RepositoryError::Conflict),
            Some(_) => {}
        }
        if let Some(request) = change.request {
            let answer = Answer { request_hash: request.hash, committed };
            if self.answers.insert((tenant.clone(), request.id, request.part), answer).is_some() {
                return Err(RepositoryError::RequestAnswered);
            }
        }
        let reference = order.external_reference.clone().map(|reference| (tenant.clone(), reference));
        if change.order.is_deleted() {
            self.orders.remove(&key);
            reference.map(|reference| self.references.remove(&reference));
        } else {
            self.used_ids.insert(key.clone());
            self.orders.insert(key, order.clone());
            self.references.extend(reference);
        }
        Ok(())
    }
}
