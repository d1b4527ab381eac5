//! How many calls of each tenant are under way.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared_domain::TenantId;

/// The tenants that have calls under way.
#[derive(Debug, Clone)]
pub(super) struct Tenants {
    most: u32,
    calls: Arc<Mutex<HashMap<TenantId, u32>>>,
}

impl Tenants {
    /// Nobody calls yet; each may have so many calls at once.
    pub(super) fn new(most: u32) -> Self {
        Self { most, calls: Arc::default() }
    }

    /// A place for a call of the tenant; none if it has too many.
    pub(super) fn enter(&self, tenant: &TenantId) -> Option<TenantPlace> {
        let mut all = self.calls();
        let calls = all.entry(tenant.clone()).or_default();
        let is_free = *calls < self.most;
        if is_free {
            *calls += 1;
        }
        is_free.then(|| TenantPlace { tenants: self.clone(), tenant: tenant.clone() })
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<TenantId, u32>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one call, given back when it is dropped.
#[derive(Debug)]
pub(super) struct TenantPlace {
    tenants: Tenants,
    tenant: TenantId,
}

impl Drop for TenantPlace {
    fn drop(&mut self) {
        if let Entry::Occupied(mut calls) = self.tenants.calls().entry(self.tenant.clone()) {
            *calls.get_mut() -= 1;
            if *calls.get() == 0 {
                calls.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_does_not_take_the_places_of_others() {
        let tenants = Tenants::new(2);
        let [one, other] = ["one", "other"].map(|name| TenantId::new(name).unwrap());
        let places = [(); 2].map(|()| tenants.enter(&one).unwrap());
        assert!(tenants.enter(&one).is_none());
        assert!(tenants.enter(&other).is_some());
        drop(places);
        assert!(tenants.calls().is_empty(), "who has no calls is forgotten");
        assert!(tenants.enter(&one).is_some());
    }
}
