//! Tenants are walls.

use command_application::{ChangeSet, OrderRepository, RepositoryError};

use crate::{
    changes::{acme, commit, creation, load, new_id, new_request, noted, tenant, with_request},
    drafts,
};

pub(crate) async fn a_tenant_sees_its_own_orders_only(repository: &impl OrderRepository) {
    let (request, other) = (new_request(), tenant("acme-2"));
    let creation = with_request(request, creation(new_id(), drafts::plain()));
    let order = creation.order.snapshot().clone();
    commit(repository, creation).await.unwrap();

    let loaded = repository.load(&other, order.id, Some(request.id)).await.unwrap();
    assert!(loaded.order.is_none() && loaded.answer.is_none());
    assert_eq!(repository.answers(&other, request.id).await.unwrap(), []);
    let foreign = ChangeSet { tenant: other, ..noted(&order) };
    assert!(matches!(commit(repository, foreign).await, Err(RepositoryError::Conflict)));
    assert_eq!(load(repository, &acme(), order.id).await, Some(order));
}

pub(crate) async fn ids_and_references_and_requests_of_tenants_do_not_touch(
    repository: &impl OrderRepository,
) {
    let (id, request) = (new_id(), new_request());
    let of = |name: &str| {
        let creation = with_request(request, creation(id, drafts::with_reference("R-1")));
        ChangeSet { tenant: tenant(name), ..creation }
    };
    let tenants = ["a", "acme", "acme-2"];
    for name in tenants {
        repository.check_creation(&of(name)).await.unwrap();
        commit(repository, of(name)).await.unwrap();
    }
    for name in tenants {
        assert!(matches!(repository.check_creation(&of(name)).await, Err(RepositoryError::OrderExists(_))));
        let loaded = repository.load(&tenant(name), id, Some(request.id)).await.unwrap();
        assert!(loaded.order.is_some() && loaded.answer.is_some());
    }
}
