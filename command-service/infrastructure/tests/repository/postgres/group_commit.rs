//! Commits of many callers in one statement: each gets its own answer, and one that is refused hurts nobody else.

use std::collections::BTreeSet;

use command_application::{ChangeSet, Committed, OrderRepository, RepositoryError};
use futures_util::future::join_all;
use shared_domain::{Currency, OrderId};

use super::{
    TestRepository,
    gate::{Gate, ask, gathered, hold},
    sql,
};
use crate::{
    changes::{
        acme, changed, commit, create, creation, load, new_id, new_request, noted, tenant, with_request,
    },
    drafts,
};

type Answer = Result<Committed, RepositoryError>;

/// What comes of changes that are made while a statement is under way, and how many statements they take.
async fn committed_together(repository: &TestRepository, changes: &[ChangeSet]) -> (Vec<Answer>, i64) {
    let statements = || sql::executions(&repository.pool, "WITH ");
    let first = create(&**repository, drafts::plain());
    let before = statements().await;
    let answers =
        gathered(repository, first, changes.iter().map(|change| commit(&**repository, change.clone())));
    let answers = answers.await;
    (answers, statements().await - before - 1)
}

/// Demands that a change was committed as it is, and answered so.
async fn assert_committed(repository: &TestRepository, change: &ChangeSet, answer: &Answer) {
    let order = change.order.snapshot();
    let expected = (!change.order.is_deleted()).then_some(order);
    let answer = answer.as_ref().unwrap();
    assert_eq!((answer.order, answer.version), (order.id, order.version));
    assert_eq!(answer.published, expected.map(|order| repository.publish(order)));
    assert_eq!(load(&**repository, &change.tenant, order.id).await.as_ref(), expected);
    let by_that = format!(
        "SELECT count(*) AS value FROM order_history WHERE (tenant_id, order_id, version, xid) \
         = ('{}', '{}', {}, '{}')",
        change.tenant.as_str(),
        order.id,
        order.version,
        answer.transaction_id
    );
    assert_eq!(sql::number(&repository.pool, &by_that).await, 1);
}

fn transaction_ids<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> BTreeSet<u64> {
    answers.into_iter().flatten().map(|committed| committed.transaction_id).collect()
}

fn new_order(reference: &str) -> ChangeSet {
    creation(new_id(), drafts::with_reference(reference))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_one_statement_and_each_has_its_own_answer() {
    let repository = &TestRepository::one_at_a_time().await;
    let mut burst = vec![];
    for n in 0..5 {
        let order = create(&**repository, drafts::full(Currency::EUR, &format!("R-{n}"))).await;
        burst.push(with_request(new_request(), noted(&order)));
        let draft = create(&**repository, drafts::plain()).await;
        burst.push(changed(&draft, |order, now| order.delete(now).unwrap()));
        burst.push(creation(new_id(), drafts::full(Currency::JPY, &format!("N-{n}"))));
        burst.push(ChangeSet { tenant: tenant("other"), ..new_order(&format!("N-{n}")) });
    }
    let (answers, statements) = committed_together(repository, &burst).await;
    for (change, answer) in burst.iter().zip(&answers) {
        assert_committed(repository, change, answer).await;
    }
    assert_eq!((statements, transaction_ids(&answers).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_refused_hurts_nobody_else() {
    let repository = &TestRepository::one_at_a_time().await;
    let (there, answered) = (create(&**repository, drafts::with_reference("R-1")).await, new_request());
    commit(&**repository, with_request(answered, noted(&there))).await.unwrap();
    let stale = create(&**repository, drafts::plain()).await;
    commit(&**repository, noted(&stale)).await.unwrap();
    let fresh = create(&**repository, drafts::plain()).await;
    let mut burst: Vec<_> = (0..12).map(|n| new_order(&format!("N-{n}"))).collect();
    burst[0] = new_order("R-1");
    burst[3] = with_request(answered, new_order("R-3"));
    burst[4] = noted(&fresh);
    burst[7] = creation(there.id, drafts::plain());
    burst[8] = noted(&stale);
    burst[11] = new_order("R-1");

    let (answers, statements) = committed_together(repository, &burst).await;
    for (at, (change, answer)) in burst.iter().zip(&answers).enumerate() {
        let expected = match (at, answer) {
            (0 | 11, Err(RepositoryError::ExternalReferenceTaken))
            | (3, Err(RepositoryError::RequestAnswered))
            | (8, Err(RepositoryError::Conflict)) => true,
            (7, Err(RepositoryError::OrderExists(id))) => *id == there.id,
            (0 | 3 | 7 | 8 | 11, _) => false,
            _ => {
                assert_committed(repository, change, answer).await;
                true
            }
        };
        assert!(expected, "change {at}: {answer:?}");
        if answer.is_err() && at != 7 && at != 8 {
            assert_eq!(load(&**repository, &acme(), change.order.snapshot().id).await, None);
        }
    }
    assert!(transaction_ids(&answers).len() < 7, "{answers:?}");
    assert!(
        (2..=10).contains(&statements),
        "{statements}: those to blame are named by what they are refused for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_somebody_has_locked_fails_alone() {
    let repository = &TestRepository::one_at_a_time().await;
    let order = create(&**repository, drafts::plain()).await;
    let burst = [new_order("R-1"), noted(&order), new_order("R-2"), new_order("R-3")];

    let row = Gate::at(repository, order.id).await;
    let (answers, _) = committed_together(repository, &burst).await;
    for (at, (change, answer)) in burst.iter().zip(&answers).enumerate() {
        match at {
            1 => assert!(matches!(answer, Err(RepositoryError::Unavailable(_))), "{answer:?}"),
            _ => assert_committed(repository, change, answer).await,
        }
    }
    row.open().await;
    assert_eq!(load(&**repository, &acme(), order.id).await, Some(order));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_found_without_another_statement() {
    let repository = &TestRepository::one_at_a_time().await;
    let stale = create(&**repository, drafts::plain()).await;
    commit(&**repository, noted(&stale)).await.unwrap();
    let fresh = create(&**repository, drafts::plain()).await;
    let burst = [new_order("R-1"), with_request(new_request(), noted(&stale)), noted(&fresh)];
    let (answers, statements) = committed_together(repository, &burst).await;
    assert_committed(repository, &burst[0], &answers[0]).await;
    assert!(matches!(answers[1], Err(RepositoryError::Conflict)), "{answers:?}");
    assert_committed(repository, &burst[2], &answers[2]).await;
    assert_eq!((statements, transaction_ids(&answers).len()), (1, 1));
    let request = burst[1].request.unwrap().id;
    assert_eq!(repository.answers(&acme(), request).await.unwrap(), [], "nobody was told of success");
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_and_changes_of_the_same_order_go_one_after_the_other() {
    let repository = &TestRepository::one_at_a_time().await;
    let (order, request) = (create(&**repository, drafts::plain()).await, new_request());
    let twin = || with_request(request, creation(new_id(), drafts::plain()));
    let deletion = changed(&order, |order, now| order.delete(now).unwrap());
    let burst = [new_order("R-1"), twin(), twin(), noted(&order), deletion, noted(&order), new_order("R-2")];
    let (answers, statements) = committed_together(repository, &burst).await;
    for won in [0, 1, 3, 6] {
        assert_committed(repository, &burst[won], &answers[won]).await;
    }
    assert!(matches!(answers[2], Err(RepositoryError::RequestAnswered)), "{answers:?}");
    assert!(matches!(answers[4], Err(RepositoryError::Conflict)), "{answers:?}");
    assert!(matches!(answers[5], Err(RepositoryError::Conflict)), "{answers:?}");
    assert_eq!(transaction_ids(&answers).len(), 1, "they win together: {answers:?}");
    // The winners, then the second twin with the deletion, which it is refused for and which is tried alone, then the other note.
    assert_eq!(statements, 1 + 3 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_rule_each_other_out_one_is_committed() {
    let repository = &TestRepository::one_at_a_time().await;
    let burst = [new_order("R-1"), new_order("R-2"), new_order("R-1"), new_order("R-3")];
    let (answers, _) = committed_together(repository, &burst).await;
    for won in [0, 1, 3] {
        assert_committed(repository, &burst[won], &answers[won]).await;
    }
    assert!(matches!(answers[2], Err(RepositoryError::ExternalReferenceTaken)), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_created_together_stay_together_beside_others() {
    let repository = &TestRepository::one_at_a_time().await;
    let there = create(&**repository, drafts::with_reference("R-1")).await;
    let many = |prefix: &str, guilty: &str| {
        let mut many: Vec<_> = (0..4).map(|n| new_order(&format!("{prefix}-{n}"))).collect();
        many.push(new_order(guilty));
        many
    };
    let commits = [many("A", "A-4"), many("B", "R-1"), vec![noted(&there)], many("C", "C-4")];
    let ids =
        |commit: &[ChangeSet]| -> Vec<OrderId> { commit.iter().map(|c| c.order.snapshot().id).collect() };
    let first = create(&**repository, drafts::plain());
    let answers =
        gathered(repository, first, commits.iter().map(|changes| repository.commit(changes.clone()))).await;
    for (at, (changes, answer)) in commits.iter().zip(answers).enumerate() {
        if at == 1 {
            assert!(matches!(answer, Err(RepositoryError::ExternalReferenceTaken)), "{answer:?}");
            for id in ids(changes) {
                assert_eq!(load(&**repository, &acme(), id).await, None);
            }
            continue;
        }
        let committed: Vec<_> = answer.unwrap().into_iter().map(Ok).collect();
        assert_eq!(committed.len(), changes.len());
        assert_eq!(transaction_ids(&committed).len(), 1);
        for (change, committed) in changes.iter().zip(&committed) {
            assert_committed(repository, change, committed).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_committed_without_its_callers() {
    let repository = &TestRepository::one_at_a_time().await;
    let burst: Vec<_> = (0..10).map(|n| new_order(&format!("R-{n}"))).collect();
    let mut first = Box::pin(create(&**repository, drafts::plain()));
    let gate = hold(repository, &mut first).await;
    let mut calls = Box::pin(join_all(burst.iter().map(|change| commit(&**repository, change.clone()))));
    ask(&mut calls);
    drop((first, calls));
    gate.open().await;
    // Its turn comes after theirs.
    create(&**repository, drafts::plain()).await;
    for change in &burst {
        let order = change.order.snapshot();
        assert_eq!(load(&**repository, &acme(), order.id).await.as_ref(), Some(order));
    }
    assert_eq!(sql::number(&repository.pool, "SELECT count(*) AS value FROM order_history").await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_wait_are_refused_and_have_no_effect() {
    let repository = &TestRepository::waiting(3).await;
    let burst: Vec<_> = (0..5).map(|n| new_order(&format!("R-{n}"))).collect();
    let (answers, _) = committed_together(repository, &burst).await;
    for (change, answer) in burst.iter().zip(&answers).take(3) {
        assert_committed(repository, change, answer).await;
    }
    for (change, answer) in burst.iter().zip(&answers).skip(3) {
        assert!(matches!(answer, Err(RepositoryError::Overloaded)), "{answer:?}");
        assert_eq!(load(&**repository, &acme(), change.order.snapshot().id).await, None);
        let again = commit(&**repository, change.clone()).await;
        assert_committed(repository, change, &again).await;
    }
}
