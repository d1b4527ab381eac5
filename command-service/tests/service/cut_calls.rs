//! Clients that go away in mid-call: nothing is left open behind them, and every order is whole or not there.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use orders_proto::orders::v1::{
    AddOrderNoteRequest, BatchCreateOrdersRequest, CreateOrderRequest, ImportOrdersRequest, Order,
};
use tokio::{task::JoinSet, time::sleep};

use crate::support::{
    Client, Service, Sql, create, draft, eur, full, is_replay, note, ok, request_id, uuid_of,
};

/// How many calls are cut in each test.
const CALLS: u64 = 400;

/// Cuts calls after 0 to 20 ms, some of them with their connection.
async fn cut_calls<F>(service: &Service, call: impl Fn(Client, u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let shared = service.another_client();
    let mut calls = JoinSet::new();
    for n in 0..CALLS {
        let client = if n % 4 == 0 { service.another_client() } else { shared.clone() };
        let cut = calls.spawn(call(client, n));
        // Microseconds from 0 to 20 ms, each as likely as the other.
        let after = Duration::from_micros(n * 7_919 % 20_000);
        tokio::spawn(async move {
            sleep(after).await;
            cut.abort();
        });
        if n % 16 == 15 {
            while calls.join_next().await.is_some() {}
        }
    }
    while calls.join_next().await.is_some() {}
}

/// Soon nothing is under way any more: no open transaction, no statement, nobody who waits for a lock.
async fn nothing_is_left_open(sql: &Sql) {
    let busy =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND (state <> 'idle' OR xact_start IS NOT NULL)";
    let locks = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.datname = current_database()
        AND pid <> pg_backend_pid()";
    let mut left = (1, 1);
    for _ in 0..250 {
        left = (sql.number(busy).await, sql.number(locks).await);
        if left == (0, 0) {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("after 5 s there are {} busy sessions and {} locks", left.0, left.1);
}

/// The pool is whole: more calls at once than it has connections are all answered, and soon.
async fn the_next_calls_work(service: &Service) {
    let calls = (0..40).map(|_| {
        let mut client = service.client();
        tokio::spawn(async move { ok(client.create_order(create(draft())).await) })
    });
    let calls = futures_util::future::join_all(calls);
    let answers = tokio::time::timeout(Duration::from_secs(20), calls).await.expect("soon");
    assert!(answers.into_iter().all(|order| order.unwrap().version == 1));
}

/// Orders that are not whole: without their lines, their history, or with sums that are not those of their lines.
async fn broken_orders(sql: &Sql) -> i64 {
    let broken = "SELECT count(*) FROM orders o WHERE
        line_count <> (SELECT count(*) FROM order_lines l WHERE (l.tenant_id, l.order_id) = (o.tenant_id, o.order_id))
        OR subtotal <> (SELECT coalesce(sum(unit_price * (ordered - cancelled)), 0) FROM order_lines l
            WHERE (l.tenant_id, l.order_id) = (o.tenant_id, o.order_id))
        OR version <> (SELECT count(*) FROM order_history h WHERE (h.tenant_id, h.order_id) = (o.tenant_id, o.order_id))";
    let homeless = "SELECT count(*) FROM order_history h WHERE NOT EXISTS
        (SELECT FROM orders o WHERE (h.tenant_id, h.order_id) = (o.tenant_id, o.order_id))";
    sql.number(broken).await + sql.number(homeless).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creations() {
    let service = Service::start().await;
    cut_calls(&service, |mut client, n| async move {
        let request = CreateOrderRequest { place: n % 2 == 0, ..create(full()) };
        client.create_order(request).await.ok();
    })
    .await;
    let sql = service.sql().await;
    nothing_is_left_open(&sql).await;
    assert_eq!(broken_orders(&sql).await, 0);
    let created = sql.count("orders").await;
    assert!(created > 0, "every call was cut before it did anything");
    the_next_calls_work(&service).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_are_there_as_a_whole_or_not_at_all() {
    let service = Service::start().await;
    cut_calls(&service, |mut client, n| async move {
        let member = create(Order { customer_id: n.to_string(), ..draft() });
        let request = BatchCreateOrdersRequest { requests: vec![member; 20], ..Default::default() };
        client.batch_create_orders(request).await.ok();
    })
    .await;
    let sql = service.sql().await;
    nothing_is_left_open(&sql).await;
    assert_eq!(broken_orders(&sql).await, 0);
    let parts =
        "SELECT count(*) FROM (SELECT FROM orders GROUP BY customer_id HAVING count(*) <> 20) AS parts";
    assert_eq!(sql.number(parts).await, 0);
    assert!(sql.count("orders").await > 0, "every call was cut before it did anything");
    the_next_calls_work(&service).await;
}

/// What was cut can be sent again with its request id: in the end it happened once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_one_order() {
    let service = Service::start().await;
    let order = service.placed(draft()).await;
    let ids: Vec<_> = (0..CALLS).map(|_| request_id()).collect();
    let request = |n: u64| {
        let request_id = ids[usize::try_from(n).unwrap()].clone();
        AddOrderNoteRequest { request_id, ..note(&order, &format!("note {n}")) }
    };
    cut_calls(&service, |mut client, n| {
        let request = request(n);
        async move {
            client.add_order_note(request).await.ok();
        }
    })
    .await;
    let sql = service.sql().await;
    nothing_is_left_open(&sql).await;
    let done = sql.count("order_history").await - 2;
    assert!((1..=i64::try_from(CALLS).unwrap()).contains(&done), "{done}");

    let mut replayed = 0;
    for n in 0..CALLS {
        let response = service.client().add_order_note(request(n)).await.unwrap();
        replayed += i64::from(is_replay(&response));
    }
    // What was waiting for a statement when it was counted may have been done since.
    assert!(replayed >= done, "{replayed} of {done}");
    assert_eq!(sql.count("order_history").await, 2 + i64::try_from(CALLS).unwrap());
    assert_eq!(broken_orders(&sql).await, 0);
    let last = format!("SELECT version FROM orders WHERE order_id = '{}'", uuid_of(&order));
    assert_eq!(sql.number(&last).await, 2 + i64::try_from(CALLS).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports() {
    let service = Service::start().await;
    cut_calls(&service, |mut client, _| async move {
        let message = || ImportOrdersRequest { request: Some(create(draft())) };
        let endless = stream::iter(std::iter::repeat_with(message).take(30).collect::<Vec<_>>());
        client.import_orders(endless.chain(stream::pending())).await.ok();
    })
    .await;
    let sql = service.sql().await;
    nothing_is_left_open(&sql).await;
    assert_eq!(broken_orders(&sql).await, 0);
    assert!(sql.count("orders").await > 0, "every call was cut before it did anything");
    the_next_calls_work(&service).await;
    assert_eq!(service.drafted().await.balance, Some(eur(33_00)));
}
