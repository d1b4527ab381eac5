//! What is committed is what is loaded.

use command_application::OrderRepository;
use shared_domain::Currency;
use uuid::Uuid;

use crate::{
    changes::{acme, change, changed, commit, create, creation, load, new_id, new_request, with_request},
    drafts,
    random::Random,
};

pub(crate) async fn an_order_with_everything_comes_back_as_it_was(repository: &impl OrderRepository) {
    for (number, currency) in [Currency::EUR, Currency::JPY, Currency::KWD].into_iter().enumerate() {
        let creation = creation(new_id(), drafts::full(currency, &format!("R-{number}")));
        let order = creation.order.snapshot().clone();
        let committed = commit(repository, creation).await.unwrap();
        assert_eq!((committed.order, committed.version), (order.id, 1));
        assert_eq!(committed.published, Some(repository.publish(&order)));
        assert_eq!(load(repository, &acme(), order.id).await, Some(order));
    }
}

pub(crate) async fn whatever_happens_to_orders_they_come_back_as_they_were(
    repository: &impl OrderRepository,
) {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut order = create(repository, random.draft()).await;
        for _ in 0..25 {
            let request = new_request();
            let next = random.step(&order);
            let events = format!("{:?}", next.events());
            let changed = with_request(request, change(Some(order), next.clone()));
            let committed = commit(repository, changed).await.unwrap();
            let loaded = repository.load(&acme(), next.snapshot().id, Some(request.id)).await.unwrap();
            order = loaded.order.unwrap().snapshot().clone();
            assert_eq!(&order, next.snapshot(), "seed {seed}, after {events}");
            let answer = loaded.answer.unwrap();
            assert_eq!((answer.request_hash, answer.committed), (request.hash, committed));
        }
    }
}

pub(crate) async fn what_does_not_exist_is_not_found(repository: &impl OrderRepository) {
    create(repository, drafts::plain()).await;
    let loaded = repository.load(&acme(), new_id(), Some(Uuid::new_v4())).await.unwrap();
    assert!(loaded.order.is_none() && loaded.answer.is_none());
    assert_eq!(repository.answers(&acme(), Uuid::new_v4()).await.unwrap(), []);
}

pub(crate) async fn a_deleted_draft_is_gone(repository: &impl OrderRepository) {
    let order = create(repository, drafts::full(Currency::EUR, "R-1")).await;
    let (deletion, request) = (changed(&order, |order, now| order.delete(now).unwrap()), new_request());
    let committed = commit(repository, with_request(request, deletion)).await.unwrap();
    assert_eq!((committed.version, &committed.published), (2, &None));

    assert_eq!(load(repository, &acme(), order.id).await, None);
    let loaded = repository.load(&acme(), order.id, Some(request.id)).await.unwrap();
    assert_eq!(loaded.answer.unwrap().committed, committed, "the answer outlives the order");
    create(repository, drafts::with_reference("R-1")).await;
}
