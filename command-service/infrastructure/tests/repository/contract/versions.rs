//! A change is committed only on top of what it was decided on.

use command_application::{OrderRepository, RepositoryError};
use futures_util::future::join_all;

use crate::{
    changes::{acme, change, changed, commit, create, load, new_request, noted, with_request},
    drafts,
    random::Random,
};

pub(crate) async fn an_order_that_moved_on_is_a_conflict(repository: &impl OrderRepository) {
    let mut random = Random::new(1);
    let first = create(repository, drafts::full(shared_domain::Currency::EUR, "R-1")).await;
    let second = random.step(&first);
    commit(repository, change(Some(first.clone()), second.clone())).await.unwrap();
    for seed in 0..20 {
        let late = Random::new(seed).step(&first);
        let request = new_request();
        let result = commit(repository, with_request(request, change(Some(first.clone()), late))).await;
        assert!(matches!(result, Err(RepositoryError::Conflict)), "{result:?}");
        assert_eq!(repository.answers(&acme(), request.id).await.unwrap(), [], "nothing was committed");
    }
    assert_eq!(load(repository, &acme(), first.id).await.as_ref(), Some(second.snapshot()));
}

pub(crate) async fn of_concurrent_changes_one_wins(repository: &impl OrderRepository) {
    let mut order = create(repository, drafts::plain()).await;
    for round in 1..=10 {
        let results = join_all((0..8).map(|_| commit(repository, noted(&order)))).await;
        let won: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
        assert_eq!(won.len(), 1, "round {round}: {results:?}");
        let lost = results.iter().filter(|result| matches!(result, Err(RepositoryError::Conflict)));
        assert_eq!(lost.count(), 7, "round {round}: {results:?}");
        order = load(repository, &acme(), order.id).await.unwrap();
        assert_eq!((order.version, won[0].version), (round + 1, round + 1));
    }
}

pub(crate) async fn later_commits_have_later_transaction_ids(repository: &impl OrderRepository) {
    let mut order = create(repository, drafts::plain()).await;
    let mut last = 0;
    for _ in 0..10 {
        let committed = commit(repository, noted(&order)).await.unwrap();
        assert!(committed.transaction_id > last);
        last = committed.transaction_id;
        order = load(repository, &acme(), order.id).await.unwrap();
    }
}

pub(crate) async fn an_order_that_is_gone_is_a_conflict(repository: &impl OrderRepository) {
    let order = create(repository, drafts::plain()).await;
    let deletion = || changed(&order, |order, now| order.delete(now).unwrap());
    commit(repository, deletion()).await.unwrap();
    for late in [noted(&order), deletion()] {
        let result = commit(repository, late).await;
        assert!(matches!(result, Err(RepositoryError::Conflict)), "{result:?}");
    }
    assert_eq!(load(repository, &acme(), order.id).await, None);
}
