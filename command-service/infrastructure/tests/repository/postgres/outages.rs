//! A database that is away, or goes away.

use std::time::Duration;

use command_application::{OrderRepository, RepositoryError};
use tokio::time::sleep;

use super::{
    TestRepository,
    fixtures::{LIMITS, pool, repository},
    sql,
};
use crate::{
    changes::{acme, commit, create, creation, load, new_id, noted},
    drafts,
};

const KILL_THE_REST: &str = "SELECT count(pg_terminate_backend(pid)) AS value FROM pg_stat_activity \
                             WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_out_of_reach_is_unavailable() {
    let repository = repository(&pool("postgres://postgres@127.0.0.1:1/none", 1), LIMITS);
    let creation = creation(new_id(), drafts::plain());
    let unavailable = |error| assert!(matches!(error, RepositoryError::Unavailable(_)), "{error:?}");
    unavailable(repository.load(&acme(), new_id(), None).await.unwrap_err());
    unavailable(repository.answers(&acme(), uuid::Uuid::new_v4()).await.unwrap_err());
    unavailable(repository.check_creation(&creation).await.unwrap_err());
    unavailable(repository.commit(vec![creation]).await.unwrap_err());
    unavailable(repository.next_order_number().await.unwrap_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_a_commit_leaves_the_outcome_unknown() {
    let repository = TestRepository::new().await;
    let order = create(&*repository, drafts::plain()).await;
    let other = repository.another_pool();
    sql::run(&other, "BEGIN; SELECT FROM orders FOR UPDATE").await;
    let kill = async {
        sleep(Duration::from_millis(200)).await;
        sql::number(&other, KILL_THE_REST).await
    };
    let (result, killed) = tokio::join!(commit(&*repository, noted(&order)), kill);
    assert!(matches!(result, Err(RepositoryError::OutcomeUnknown(_))), "{result:?}");
    assert!(killed > 0);
    sql::run(&other, "ROLLBACK").await;

    let loaded = load(&*repository, &acme(), order.id).await.unwrap();
    assert_eq!(loaded.version, 1, "the next call is served by a new connection");
    commit(&*repository, noted(&loaded)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_broke_meanwhile_are_replaced() {
    let repository = TestRepository::new().await;
    let order = create(&*repository, drafts::plain()).await;
    let tenant = acme();
    let all_at_once = (0..4).map(|_| load(&*repository, &tenant, order.id));
    futures_util::future::join_all(all_at_once).await;
    sql::number(&repository.another_pool(), KILL_THE_REST).await;
    sleep(Duration::from_millis(100)).await;
    for _ in 0..4 {
        create(&*repository, drafts::plain()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_postgres_gave_up_had_no_effect() {
    let repository = TestRepository::new().await;
    let order = create(&*repository, drafts::plain()).await;
    let other = repository.another_pool();
    sql::run(&other, "BEGIN; SELECT FROM orders FOR UPDATE").await;
    let cancel = async {
        sleep(Duration::from_millis(200)).await;
        let waiting = "SELECT count(pg_cancel_backend(pid)) AS value FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        assert_eq!(sql::number(&other, waiting).await, 1);
    };
    let (result, ()) = tokio::join!(commit(&*repository, noted(&order)), cancel);
    assert!(matches!(result, Err(RepositoryError::Unavailable(_))), "{result:?}");
    sql::run(&other, "ROLLBACK").await;
    assert_eq!(load(&*repository, &acme(), order.id).await, Some(order));
}
