//! A request has one effect and one answer.

use command_application::{OrderRepository, RepositoryError, RequestKey};
use futures_util::future::join_all;

use crate::{
    changes::{acme, commit, create, creation, load, new_id, new_request, noted, with_request},
    drafts,
};

pub(crate) async fn a_request_is_answered_once(repository: &impl OrderRepository) {
    let request = new_request();
    let first = with_request(request, creation(new_id(), drafts::plain()));
    commit(repository, first).await.unwrap();
    let again = with_request(request, creation(new_id(), drafts::plain()));
    let id = again.order.snapshot().id;
    let result = commit(repository, again).await;
    assert!(matches!(result, Err(RepositoryError::RequestAnswered)), "{result:?}");
    assert_eq!(load(repository, &acme(), id).await, None);
}

pub(crate) async fn answers_come_back_as_they_were(repository: &impl OrderRepository) {
    let (first, second) = (new_request(), new_request());
    let creation = with_request(first, creation(new_id(), drafts::plain()));
    let order = creation.order.snapshot().clone();
    let created = commit(repository, creation).await.unwrap();
    let noted = commit(repository, with_request(second, noted(&order))).await.unwrap();
    for (request, committed) in [(first, created), (second, noted)] {
        let loaded = repository.load(&acme(), order.id, Some(request.id)).await.unwrap();
        let answers = repository.answers(&acme(), request.id).await.unwrap();
        assert_eq!(answers, [loaded.answer.unwrap()]);
        assert_eq!((answers[0].request_hash, &answers[0].committed), (request.hash, &committed));
        assert_eq!(loaded.order.unwrap().snapshot().version, 2, "the order is as it is now");
        let elsewhere = repository.load(&acme(), new_id(), Some(request.id)).await.unwrap();
        assert_eq!(elsewhere.answer.unwrap().committed, committed, "whatever order is loaded with it");
    }
}

pub(crate) async fn twins_have_one_effect(repository: &impl OrderRepository) {
    for _ in 0..5 {
        let request = new_request();
        let twins: Vec<_> =
            (0..20).map(|_| with_request(request, creation(new_id(), drafts::plain()))).collect();
        let results = join_all(twins.into_iter().map(|twin| commit(repository, twin))).await;
        let won: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
        assert_eq!(won.len(), 1, "{results:?}");
        let lost = results.iter().filter(|result| matches!(result, Err(RepositoryError::RequestAnswered)));
        assert_eq!(lost.count(), 19, "{results:?}");
        let answers = repository.answers(&acme(), request.id).await.unwrap();
        assert_eq!(answers.iter().map(|answer| &answer.committed).collect::<Vec<_>>(), won);
    }
}

pub(crate) async fn a_request_id_serves_one_order(repository: &impl OrderRepository) {
    let request = new_request();
    let [one, other] = [create(repository, drafts::plain()).await, create(repository, drafts::plain()).await];
    commit(repository, with_request(request, noted(&one))).await.unwrap();
    let result = commit(repository, with_request(request, noted(&other))).await;
    assert!(matches!(result, Err(RepositoryError::RequestAnswered)), "{result:?}");
    assert_eq!(load(repository, &acme(), other.id).await, Some(other));
}

pub(crate) async fn a_batch_has_an_answer_for_each_part(repository: &impl OrderRepository) {
    let request = new_request();
    let batch = || {
        let part = |part| with_request(RequestKey { part, ..request }, creation(new_id(), drafts::plain()));
        (0..7).map(part).collect::<Vec<_>>()
    };
    let committed = repository.commit(batch()).await.unwrap();
    let answers = repository.answers(&acme(), request.id).await.unwrap();
    let answered: Vec<_> = answers.iter().map(|answer| answer.committed.clone()).collect();
    assert_eq!(answered, committed, "in the order of the request");
    let loaded = repository.load(&acme(), new_id(), Some(request.id)).await.unwrap();
    assert_eq!(loaded.answer.as_ref(), Some(&answers[0]));

    let results = repository.commit(batch()).await;
    assert!(matches!(results, Err(RepositoryError::RequestAnswered)), "{results:?}");
}
