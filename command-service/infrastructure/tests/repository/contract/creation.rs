//! Creating orders.

use std::collections::HashSet;

use command_application::{ChangeSet, OrderRepository, RepositoryError};
use futures_util::future::join_all;
use shared_domain::OrderId;

use crate::{
    changes::{acme, changed, commit, create, creation, load, new_id, noted},
    drafts,
};

fn delete(order: &shared_domain::OrderSnapshot) -> ChangeSet {
    changed(order, |order, now| order.delete(now).unwrap())
}

pub(crate) async fn an_id_serves_once(repository: &impl OrderRepository) {
    let order = create(repository, drafts::plain()).await;
    let refused = |result| match result {
        Err(RepositoryError::OrderExists(id)) => assert_eq!(id, order.id),
        other => panic!("{other:?}"),
    };
    refused(commit(repository, creation(order.id, drafts::plain())).await);
    commit(repository, delete(&order)).await.unwrap();
    refused(commit(repository, creation(order.id, drafts::plain())).await);
    assert_eq!(load(repository, &acme(), order.id).await, None);
}

pub(crate) async fn an_external_reference_serves_one_order(repository: &impl OrderRepository) {
    let order = create(repository, drafts::with_reference("R-1")).await;
    let again = || commit(repository, creation(new_id(), drafts::with_reference("R-1")));
    assert!(matches!(again().await, Err(RepositoryError::ExternalReferenceTaken)));
    create(repository, drafts::with_reference("R-2")).await;
    commit(repository, delete(&order)).await.unwrap();
    again().await.unwrap();
}

pub(crate) async fn a_batch_is_created_as_a_whole_or_not_at_all(repository: &impl OrderRepository) {
    let there = create(repository, drafts::with_reference("R-1")).await;
    let batch = |guilty: OrderId, external_id: &str| -> Vec<ChangeSet> {
        let mut batch: Vec<_> = (0..9).map(|_| creation(new_id(), drafts::plain())).collect();
        batch.insert(5, creation(guilty, drafts::with_reference(external_id)));
        batch
    };
    let ids = |batch: &[ChangeSet]| -> Vec<_> { batch.iter().map(|c| c.order.snapshot().id).collect() };
    for (guilty, external_id) in [(there.id, "R-2"), (new_id(), "R-1")] {
        let batch = batch(guilty, external_id);
        let ids = ids(&batch);
        match repository.commit(batch).await {
            Err(RepositoryError::OrderExists(id)) => assert_eq!(id, there.id),
            Err(RepositoryError::ExternalReferenceTaken) => assert_eq!(external_id, "R-1"),
            other => panic!("{other:?}"),
        }
        for id in ids.into_iter().filter(|id| *id != there.id) {
            assert_eq!(load(repository, &acme(), id).await, None);
        }
    }

    let batch = batch(new_id(), "R-3");
    let ids = ids(&batch);
    let committed = repository.commit(batch).await.unwrap();
    assert_eq!(committed.iter().map(|committed| committed.order).collect::<Vec<_>>(), ids);
    for id in ids {
        assert!(load(repository, &acme(), id).await.is_some());
    }
    assert_eq!(repository.commit(vec![]).await.unwrap(), []);
}

pub(crate) async fn only_creations_can_be_committed_together(repository: &impl OrderRepository) {
    let order = create(repository, drafts::plain()).await;
    let batch = vec![creation(new_id(), drafts::plain()), noted(&order)];
    assert!(matches!(repository.commit(batch).await, Err(RepositoryError::Defect(_))));
    assert_eq!(load(repository, &acme(), order.id).await, Some(order));
}

pub(crate) async fn creation_is_checked_without_doing_it(repository: &impl OrderRepository) {
    let order = create(repository, drafts::with_reference("R-1")).await;
    let check = |id, draft| async move { repository.check_creation(&creation(id, draft)).await };
    let free = new_id();
    check(free, drafts::with_reference("R-2")).await.unwrap();
    check(free, drafts::plain()).await.unwrap();
    assert_eq!(load(repository, &acme(), free).await, None);

    let exists = |result| matches!(result, Err(RepositoryError::OrderExists(id)) if id == order.id);
    assert!(exists(check(order.id, drafts::plain()).await));
    let taken = check(free, drafts::with_reference("R-1")).await;
    assert!(matches!(taken, Err(RepositoryError::ExternalReferenceTaken)));
    commit(repository, delete(&order)).await.unwrap();
    assert!(exists(check(order.id, drafts::plain()).await));
    check(free, drafts::with_reference("R-1")).await.unwrap();
}

pub(crate) async fn order_numbers_are_unique(repository: &impl OrderRepository) {
    let numbers = join_all((0..2_500).map(|_| repository.next_order_number())).await;
    let numbers: HashSet<_> = numbers.into_iter().map(Result::unwrap).collect();
    assert_eq!(numbers.len(), 2_500);
    assert!(numbers.iter().all(|number| number.as_str().len() >= "ORD-10000000".len()));
}
