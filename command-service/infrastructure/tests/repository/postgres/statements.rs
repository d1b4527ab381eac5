//! Statements are prepared once for each connection.

use command_application::OrderRepository;

use super::{TestRepository, sql};
use crate::{
    changes::{
        acme, change, changed, commit, create, creation, load, new_id, new_request, noted, with_request,
    },
    drafts,
    random::Random,
};

const PREPARED: &str = "SELECT count(*) AS value FROM pg_prepared_statements";

/// Everything that the repository does, for orders and batches of this size.
async fn everything(repository: &TestRepository, size: usize) {
    let prefix = new_id();
    let draft = |n| drafts::full(shared_domain::Currency::EUR, &format!("{prefix}-{n}"));
    let batch = (0..size).map(|n| creation(new_id(), draft(n))).collect();
    repository.commit(batch).await.unwrap();
    let order = create(&**repository, draft(size)).await;
    commit(&**repository, with_request(new_request(), noted(&order))).await.unwrap();
    let loaded = load(&**repository, &acme(), order.id).await.unwrap();
    repository.check_creation(&creation(new_id(), draft(0))).await.unwrap_err();
    repository.answers(&acme(), new_request().id).await.unwrap();
    let deletion = changed(&loaded, |order, now| order.delete(now).unwrap());
    commit(&**repository, deletion).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_rows_makes_no_new_statement() {
    let repository = TestRepository::with_connections(1).await;
    everything(&repository, 1).await;
    let prepared = sql::number(&repository.pool, PREPARED).await;
    assert!((6..=12).contains(&prepared), "{prepared} statements");
    for size in 2..20 {
        everything(&repository, size).await;
    }
    assert_eq!(sql::number(&repository.pool, PREPARED).await, prepared);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lives_of_orders_need_few_forms_of_the_commit() {
    let repository = TestRepository::with_connections(1).await;
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let mut order = create(&*repository, random.draft()).await;
        for _ in 0..25 {
            let next = random.step(&order);
            let after = next.snapshot().clone();
            commit(&*repository, change(Some(order), next)).await.unwrap();
            order = after;
        }
    }
    let prepared = sql::number(&repository.pool, PREPARED).await;
    assert!(prepared <= 24, "{prepared} statements");
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_unlike_changes_need_one_form_more() {
    let repository = TestRepository::one_at_a_time().await;
    for seed in 0..10 {
        let mut random = Random::new(seed);
        let mut orders = vec![];
        for _ in 0..6 {
            orders.push(create(&*repository, random.draft()).await);
        }
        for _ in 0..10 {
            let nexts: Vec<_> = orders.iter().map(|order| random.step(order)).collect();
            let afters = nexts.iter().map(|next| next.snapshot().clone()).collect();
            let changes = orders.into_iter().zip(nexts).map(|(order, next)| change(Some(order), next));
            let commits = changes.map(|change| commit(&*repository, change));
            for committed in futures_util::future::join_all(commits).await {
                committed.unwrap();
            }
            orders = afters;
        }
    }
    let prepared = sql::number(&repository.pool, PREPARED).await;
    assert!(prepared <= 25, "{prepared} statements");
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_survive_a_change_of_the_schema() {
    let repository = TestRepository::new().await;
    let order = create(&*repository, drafts::plain()).await;
    let tenant = acme();
    let loads = || futures_util::future::join_all((0..4).map(|_| load(&*repository, &tenant, order.id)));
    loads().await;
    sql::run(&repository.another_pool(), "ALTER TABLE orders ALTER purchase_order_number TYPE varchar").await;
    assert!(loads().await.into_iter().all(|loaded| loaded.as_ref() == Some(&order)));
}
