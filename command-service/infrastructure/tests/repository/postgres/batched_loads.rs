//! Loads of many callers in one statement: each gets its own, and damage is no error of the others.

use command_application::{ChangeSet, Loaded, OrderRepository, RepositoryError};
use shared_domain::{Currency, OrderId, OrderSnapshot, TenantId};
use uuid::Uuid;

use super::{TestRepository, gate::gathered, sql};
use crate::{
    changes::{acme, commit, create, creation, load, new_id, new_request, noted, tenant, with_request},
    drafts,
};

type Key = (TenantId, OrderId, Option<Uuid>);

/// What comes of loads that are made while a statement is under way, and how many statements they take.
async fn loaded_together(
    repository: &TestRepository,
    keys: &[Key],
) -> (Vec<Result<Loaded, RepositoryError>>, i64) {
    let statements = || sql::executions(&repository.pool, "SELECT k.member");
    let (tenant, before) = (&acme(), statements().await);
    let first = load(&**repository, tenant, new_id());
    let loads = keys.iter().map(|(tenant, order, request)| repository.load(tenant, *order, *request));
    let loaded = gathered(repository, first, loads).await;
    (loaded, statements().await - before - 1)
}

fn order_of(loaded: &Result<Loaded, RepositoryError>) -> Option<&OrderSnapshot> {
    loaded.as_ref().unwrap().order.as_ref().map(|order| order.snapshot())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_one_statement_and_each_gets_its_own() {
    let repository = &TestRepository::one_at_a_time().await;
    let (mut keys, mut expected) = (vec![], vec![]);
    for n in 0..5 {
        let order = create(&**repository, drafts::full(Currency::EUR, &format!("R-{n}"))).await;
        let request = new_request();
        let noted = with_request(request, noted(&order));
        let answer = commit(&**repository, noted.clone()).await.unwrap();
        keys.push((acme(), order.id, Some(request.id)));
        expected.push((Some(noted.order.snapshot().clone()), Some(answer.clone())));

        let twin = ChangeSet { tenant: tenant("other"), ..creation(order.id, drafts::plain()) };
        commit(&**repository, twin.clone()).await.unwrap();
        keys.push((tenant("other"), order.id, Some(request.id)));
        expected.push((Some(twin.order.snapshot().clone()), None));

        keys.push((acme(), new_id(), Some(request.id)));
        expected.push((None, Some(answer)));
        keys.push((tenant("nobody"), order.id, None));
        expected.push((None, None));
        keys.push((acme(), order.id, None));
        expected.push((Some(noted.order.snapshot().clone()), None));
    }
    let (loaded, statements) = loaded_together(repository, &keys).await;
    assert_eq!(statements, 1);
    for (at, (loaded, (order, answer))) in loaded.iter().zip(&expected).enumerate() {
        assert_eq!(order_of(loaded), order.as_ref(), "load {at}");
        let answered = loaded.as_ref().unwrap().answer.as_ref().map(|answer| &answer.committed);
        assert_eq!(answered, answer.as_ref(), "load {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_to_one_order_is_no_error_of_the_others() {
    let repository = &TestRepository::one_at_a_time().await;
    let mut orders = vec![];
    for _ in 0..6 {
        orders.push(create(&**repository, drafts::plain()).await);
    }
    let damage = |order: OrderId, what| format!("UPDATE {what} WHERE order_id = '{order}'");
    sql::run(&repository.pool, &damage(orders[1].id, "orders SET currency = '???'")).await;
    sql::run(&repository.pool, &damage(orders[4].id, "order_lines SET sku = ''")).await;
    let keys: Vec<_> = orders.iter().map(|order| (acme(), order.id, None)).collect();
    let (loaded, statements) = loaded_together(repository, &keys).await;
    assert_eq!(statements, 1);
    for (at, (loaded, order)) in loaded.iter().zip(&orders).enumerate() {
        match (at, loaded) {
            (1 | 4, Err(RepositoryError::Damaged(damage))) => assert_eq!(damage.order, order.id),
            (1 | 4, loaded) => panic!("{loaded:?}"),
            _ => assert_eq!(order_of(loaded), Some(order), "load {at}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_even_be_read_is_no_error_of_the_others() {
    let repository = &TestRepository::one_at_a_time().await;
    let mut orders = vec![];
    for _ in 0..6 {
        orders.push(create(&**repository, drafts::plain()).await);
    }
    let damage = format!("UPDATE orders SET tags = '[1]' WHERE order_id = '{}'", orders[3].id);
    sql::run(&repository.pool, &damage).await;
    let keys: Vec<_> = orders.iter().map(|order| (acme(), order.id, None)).collect();
    let (loaded, _) = loaded_together(repository, &keys).await;
    for (at, (loaded, order)) in loaded.iter().zip(&orders).enumerate() {
        match at {
            3 => assert!(matches!(loaded, Err(RepositoryError::Defect(_))), "{loaded:?}"),
            _ => assert_eq!(order_of(loaded), Some(order), "load {at}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_wait_are_refused() {
    let repository = &TestRepository::waiting(3).await;
    let order = create(&**repository, drafts::plain()).await;
    let key = (acme(), order.id, None);
    let (loaded, _) = loaded_together(repository, &vec![key; 5]).await;
    for loaded in &loaded[..3] {
        assert_eq!(order_of(loaded), Some(&order));
    }
    for loaded in &loaded[3..] {
        assert!(matches!(loaded, Err(RepositoryError::Overloaded)), "{loaded:?}");
    }
    assert_eq!(load(&**repository, &acme(), order.id).await, Some(order), "there is room again");
}
