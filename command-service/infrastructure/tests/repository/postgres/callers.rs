//! Callers who go away in the middle of a call.

use std::time::Duration;

use command_application::OrderRepository;
use tokio::time::{sleep, timeout};

use super::{TestRepository, sql};
use crate::{
    changes::{acme, commit, create, creation, load, new_id, new_request, noted, with_request},
    drafts,
};

const OPEN_TRANSACTIONS: &str = "SELECT count(*) AS value FROM pg_stat_activity \
                                 WHERE datname = current_database() AND state LIKE 'idle in transaction%'";

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_goes_on_without_its_caller() {
    let repository = TestRepository::new().await;
    let order = create(&*repository, drafts::plain()).await;
    let other = repository.another_pool();
    sql::run(&other, "BEGIN; SELECT FROM orders FOR UPDATE").await;

    let waiting = timeout(Duration::from_millis(100), commit(&*repository, noted(&order))).await;
    assert!(waiting.is_err(), "the order is locked");
    sql::run(&other, "ROLLBACK").await;
    let committed = async {
        while load(&*repository, &acme(), order.id).await.unwrap().version < 2 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(5), committed).await.expect("it is committed in the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_cut_short_leave_nothing_behind() {
    let repository = TestRepository::new().await;
    let mut started = vec![];
    for n in 0..200 {
        let request = new_request();
        let creation = with_request(request, creation(new_id(), drafts::plain()));
        let id = creation.order.snapshot().id;
        let cut = Duration::from_micros(n * 25);
        timeout(cut, commit(&*repository, creation)).await.ok();
        timeout(cut, load(&*repository, &acme(), id)).await.ok();
        timeout(cut, repository.next_order_number()).await.ok();
        started.push((id, request));
    }
    // Whoever comes next finds the pool whole.
    for _ in 0..20 {
        create(&*repository, drafts::plain()).await;
    }
    assert_eq!(sql::number(&repository.another_pool(), OPEN_TRANSACTIONS).await, 0);
    for (id, request) in started {
        let loaded = repository.load(&acme(), id, Some(request.id)).await.unwrap();
        assert_eq!(loaded.order.is_some(), loaded.answer.is_some(), "an order is there with its answer");
    }
}
