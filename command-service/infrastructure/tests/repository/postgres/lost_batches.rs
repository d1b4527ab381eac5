//! Connections that die while a statement for many callers is under way.

use command_application::{OrderRepository, RepositoryError};
use futures_util::future::{join, join_all};
use tokio::task::yield_now;

use super::{
    TestRepository,
    gate::{Gate, gathered},
    sql,
};
use crate::{
    changes::{acme, commit, create, creation, load, new_id, new_request, noted, with_request},
    drafts,
};

const KILL_THE_REST: &str = "SELECT count(pg_terminate_backend(pid)) AS value FROM pg_stat_activity \
                             WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_in_the_batch_knows_and_nothing_is_tried_again() {
    let repository = &TestRepository::one_at_a_time().await;
    let order = create(&**repository, drafts::plain()).await;
    let mut burst: Vec<_> =
        (0..8).map(|_| with_request(new_request(), creation(new_id(), drafts::plain()))).collect();
    burst.insert(3, noted(&order));

    let row = Gate::at(repository, order.id).await;
    let first = create(&**repository, drafts::plain());
    let calls = gathered(repository, first, burst.iter().map(|change| commit(&**repository, change.clone())));
    let killing = async {
        row.reached().await;
        row.kill().await;
    };
    let (answers, ()) = join(calls, killing).await;
    for answer in answers {
        assert!(matches!(answer, Err(RepositoryError::OutcomeUnknown(_))), "{answer:?}");
    }
    row.open().await;
    assert_eq!(load(&**repository, &acme(), order.id).await, Some(order), "a new connection serves");
    assert_eq!(sql::number(&repository.pool, "SELECT count(*) AS value FROM order_history").await, 2);
    for change in burst {
        commit(&**repository, change).await.unwrap();
    }
}

/// Kills at another moment in each round: before, during and after the commit.
#[tokio::test]
async fn of_those_who_do_not_know_all_are_committed_or_none() {
    let repository = &TestRepository::one_at_a_time().await;
    let other = repository.another_pool();
    let mut lost = 0;
    for round in 0..60 {
        let burst: Vec<_> = (0..8).map(|_| creation(new_id(), drafts::plain())).collect();
        let calls = join_all(burst.iter().map(|change| commit(&**repository, change.clone())));
        let killing = async {
            for _ in 0..round % 12 {
                yield_now().await;
            }
            sql::number(&other, KILL_THE_REST).await
        };
        let (answers, _) = join(calls, killing).await;
        let mut unknown = vec![];
        for (change, answer) in burst.iter().zip(answers) {
            // The connection may have been killed once its last statement was done: then this one finds out.
            let order = change.order.snapshot().id;
            let loaded = match repository.load(&acme(), order, None).await {
                Err(RepositoryError::Unavailable(_)) => repository.load(&acme(), order, None).await,
                loaded => loaded,
            };
            let there = loaded.unwrap().order.is_some();
            match answer {
                Ok(_) => assert!(there, "round {round}"),
                Err(RepositoryError::OutcomeUnknown(_)) => unknown.push(there),
                Err(error) => assert!(!there, "round {round}: {error:?}"),
            }
        }
        lost += unknown.len();
        unknown.dedup();
        assert!(unknown.len() <= 1, "round {round}: some of a batch were committed");
    }
    assert!(lost > 0, "no kill hit a statement");
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_that_were_lost_are_unavailable() {
    let repository = &TestRepository::one_at_a_time().await;
    let order = create(&**repository, drafts::plain()).await;
    let tenant = &acme();
    let gate = Gate::close(repository).await;
    let loads = join_all((0..8).map(|_| repository.load(tenant, order.id, None)));
    let killing = async {
        gate.reached().await;
        gate.kill().await;
    };
    // Those that were not in the first statement are in a second one, which waits until the gate is open.
    let opened = async {
        killing.await;
        gate.open().await;
    };
    let (answers, ()) = join(loads, opened).await;
    assert!(matches!(answers[0], Err(RepositoryError::Unavailable(_))), "{answers:?}");
    let unavailable = answers.iter().filter(|answer| answer.is_err()).count();
    assert!(
        answers.iter().filter_map(|answer| answer.as_ref().err()).all(|e| matches!(e, RepositoryError::Unavailable(_)))
    );
    assert!(unavailable >= 1);
}
