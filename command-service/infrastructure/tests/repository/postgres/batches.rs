//! Batches of any mix of changes in one statement.

use command_application::ChangeSet;
use command_infrastructure::persistence::{Member, MemberOutcome, commit_batch};
use diesel::result::{DatabaseErrorKind, Error};

use super::{TestRepository, sql};
use crate::{
    changes::{
        acme, change, changed, commit, create, creation, load, new_id, new_request, noted, with_request,
    },
    drafts,
    random::Random,
};

async fn commit_all(repository: &TestRepository, batch: &[ChangeSet]) -> Result<Vec<MemberOutcome>, Error> {
    let members: Vec<_> = batch.iter().map(Member::new).collect();
    commit_batch(&mut repository.pool.get().await.unwrap(), &members).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_conflicts_leaves_the_others_committed() {
    let repository = &TestRepository::new().await;
    let mut random = Random::new(3);
    let (mut orders, mut batch) = (vec![], vec![]);
    for n in 0..12 {
        let order =
            create(&**repository, drafts::full(shared_domain::Currency::EUR, &format!("R-{n}"))).await;
        let next = random.step(&order);
        batch.push(match n % 4 {
            0 => changed(&order, |order, now| order.delete(now).unwrap()),
            1 => with_request(new_request(), creation(new_id(), drafts::plain())),
            _ => with_request(new_request(), change(Some(order.clone()), next)),
        });
        orders.push(order);
    }
    let conflicting = [0, 3];
    for at in conflicting {
        commit(&**repository, noted(&orders[at])).await.unwrap();
    }

    let outcomes = commit_all(repository, &batch).await.unwrap();
    let mut transaction_ids = vec![];
    for (at, (change, outcome)) in batch.iter().zip(outcomes).enumerate() {
        let id = change.order.snapshot().id;
        let stored = load(&**repository, &acme(), id).await;
        match outcome {
            MemberOutcome::Conflict => {
                assert!(conflicting.contains(&at), "member {at}");
                assert_eq!(stored.unwrap().version, 2);
                if let Some(request) = change.request {
                    assert_eq!(sql::number(&repository.pool, &answers(request.id)).await, 0, "member {at}");
                }
            }
            MemberOutcome::Committed { transaction_id } => {
                assert!(!conflicting.contains(&at), "member {at}");
                let expected = (!change.order.is_deleted()).then(|| change.order.snapshot().clone());
                assert_eq!(stored, expected, "member {at}");
                transaction_ids.push(transaction_id);
            }
        }
    }
    assert_eq!(transaction_ids.len(), 10);
    assert!(transaction_ids.iter().all(|id| *id == transaction_ids[0]), "one transaction");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_breaks_a_constraint_takes_the_batch_with_it() {
    let repository = &TestRepository::new().await;
    let there = create(&**repository, drafts::plain()).await;
    let batch = [noted(&there), creation(new_id(), drafts::plain()), creation(there.id, drafts::plain())];
    let refused = commit_all(repository, &batch).await;
    assert!(
        matches!(&refused, Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))),
        "{refused:?}"
    );
    assert_eq!(load(&**repository, &acme(), there.id).await, Some(there));
    assert_eq!(sql::number(&repository.pool, "SELECT count(*) AS value FROM orders").await, 1);
    assert_eq!(sql::number(&repository.pool, "SELECT count(*) AS value FROM order_history").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_can_be_large() {
    let repository = &TestRepository::new().await;
    let batch: Vec<_> = (0..500)
        .map(|n| creation(new_id(), drafts::full(shared_domain::Currency::EUR, &format!("R-{n}"))))
        .collect();
    let outcomes = commit_all(repository, &batch).await.unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, MemberOutcome::Committed { .. })));
    for change in batch.iter().step_by(50) {
        let order = change.order.snapshot();
        assert_eq!(load(&**repository, &acme(), order.id).await.as_ref(), Some(order));
    }
}

fn answers(request: uuid::Uuid) -> String {
    format!("SELECT count(*) AS value FROM order_history WHERE request_id = '{request}'")
}
