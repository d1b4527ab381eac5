//! Statements for many callers that come to nothing, or nobody knows.

use command_application::{ChangeSet, OrderRepository, RepositoryError};
use futures_util::future::{join, join_all};
use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};
use shared_domain::OrderSnapshot;
use shared_infrastructure::{batching::Limits, database::migrations};
use tokio::{
    task::spawn_blocking,
    time::{Duration, sleep, timeout},
};

use super::{
    TestRepository,
    fixtures::{patient, pool, repository},
    gate::{Gate, gathered},
    sql,
};
use crate::{
    changes::{acme, commit, create, creation, load, new_id, new_request, noted, with_request},
    drafts,
};

fn burst() -> Vec<ChangeSet> {
    (0..8).map(|_| with_request(new_request(), creation(new_id(), drafts::plain()))).collect()
}

/// A burst with a change of an order whose row is locked, the order and the lock.
async fn burst_into_a_locked_row(repository: &TestRepository) -> (OrderSnapshot, Vec<ChangeSet>, Gate) {
    let order = create(&**repository, drafts::plain()).await;
    let mut burst = burst();
    burst.insert(3, noted(&order));
    let row = Gate::at(repository, order.id).await;
    (order, burst, row)
}

#[tokio::test(flavor = "multi_thread")]
async fn none_of_those_who_do_not_know_was_committed() {
    let repository = &TestRepository::one_at_a_time().await;
    let (order, burst, row) = burst_into_a_locked_row(repository).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_not_answered_is_given_up_with_its_connection() {
    let fixture = &TestRepository::one_at_a_time().await;
    let order = create(&**fixture, drafts::plain()).await;
    let limits = Limits { lanes: 1, batch: 100, waiting: 100 };
    let repository = patient(&fixture.pool, limits, Duration::from_millis(300));

    let row = Gate::at(fixture, order.id).await;
    let answer = commit(&repository, noted(&order)).await;
    assert!(matches!(answer, Err(RepositoryError::OutcomeUnknown(_))), "{answer:?}");
    commit(&repository, creation(new_id(), drafts::plain())).await.unwrap();
    row.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_postgres_gave_up_had_no_effect_and_is_not_tried_again() {
    let repository = &TestRepository::one_at_a_time().await;
    let (order, burst, row) = burst_into_a_locked_row(repository).await;
    let first = create(&**repository, drafts::plain());
    let calls = gathered(repository, first, burst.iter().map(|change| commit(&**repository, change.clone())));
    let cancelling = async {
        row.reached().await;
        row.cancel().await;
    };
    let (answers, ()) = join(calls, cancelling).await;
    for answer in answers {
        assert!(matches!(answer, Err(RepositoryError::Unavailable(_))), "{answer:?}");
    }
    row.open().await;
    assert_eq!(load(&**repository, &acme(), order.id).await, Some(order));
    assert_eq!(sql::number(&repository.pool, "SELECT count(*) AS value FROM order_history").await, 2);
}

/// The server waits for a copy of what it has committed, which nobody takes, before it answers.
#[tokio::test]
async fn all_of_those_who_do_not_know_were_committed() {
    let options = PostgresOptions {
        storage: Storage::ThrowAway,
        durability: Durability::None,
        settings: vec![("synchronous_standby_names".into(), "nobody".into())],
    };
    let server = spawn_blocking(move || PostgresServer::start(&options)).await.unwrap().unwrap();
    let url = server.url("postgres");
    migrations::run_pending(&url.parse().unwrap()).await.unwrap();
    let (connection, other) = (pool(&url, 1), pool(&url, 1));
    let limits = Limits { lanes: 1, batch: 100, waiting: 100 };
    let repository = &repository(&connection, limits);
    sql::run(&connection, "SET synchronous_commit = on").await;

    let burst = burst();
    let calls = join_all(burst.iter().map(|change| commit(repository, change.clone())));
    let killing = async {
        let kill = "SELECT count(pg_terminate_backend(pid)) AS value FROM pg_stat_activity \
                    WHERE wait_event = 'SyncRep'";
        while sql::number(&other, kill).await == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let together = timeout(Duration::from_secs(30), join(calls, killing));
    let (answers, ()) = together.await.expect("the commit waits, and ends");
    for (change, answer) in burst.iter().zip(answers) {
        assert!(matches!(answer, Err(RepositoryError::OutcomeUnknown(_))), "{answer:?}");
        let (order, request) = (change.order.snapshot(), change.request.unwrap());
        let loaded = repository.load(&acme(), order.id, Some(request.id)).await.unwrap();
        assert_eq!(loaded.order.unwrap().snapshot(), order);
        assert_eq!(loaded.answer.unwrap().committed.version, 1);
    }
    let statements = "SELECT count(DISTINCT xid) AS value FROM order_history";
    assert_eq!(sql::number(&other, statements).await, 1);
}

/// On one thread, so that all of them are asked for before the first statement.
#[tokio::test]
async fn loads_that_are_lost_are_unavailable() {
    let repository = &TestRepository::one_at_a_time().await;
    let order = create(&**repository, drafts::plain()).await;
    let tenant = &acme();
    let gate = Gate::close(repository).await;
    let loads = join_all((0..8).map(|_| repository.load(tenant, order.id, None)));
    let killing = async {
        gate.reached().await;
        gate.kill().await;
        gate.open().await;
    };
    let (answers, ()) = join(loads, killing).await;
    for answer in answers {
        assert!(matches!(answer, Err(RepositoryError::Unavailable(_))), "{answer:?}");
    }
    assert_eq!(load(&**repository, tenant, order.id).await, Some(order), "a new connection serves");
}
