//! OK means committed: statements that fail late, after PostgreSQL has done all or nearly all of their work, or at the commit itself.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use orders_proto::orders::v1::{AddOrderNoteRequest, BatchCreateOrdersRequest, CreateOrderRequest, Order};

use crate::support::{Client, Refusal, Service, create, draft, note, ok, order_id, request_id, uuid_of};

/// Ways to fail; as the customer of an order, each has every statement fail that writes the order. Those that begin with `commit`
/// do it at the commit, the others at the end of the statement, or, in the line of an order, in its middle.
const FAILURES: [&str; 10] = [
    "raise",
    "check",
    "sleep",
    "die",
    "line-raise",
    "line-die",
    "commit-raise",
    "commit-check",
    "commit-sleep",
    "commit-die",
];

const FAIL_LATE: &str = "
    CREATE FUNCTION fail(how text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        CASE how
            WHEN 'raise' THEN RAISE EXCEPTION 'too late';
            WHEN 'check' THEN RAISE check_violation;
            WHEN 'sleep' THEN PERFORM pg_sleep(60);
            WHEN 'die' THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60);
            ELSE NULL;
        END CASE;
    END $$;
    CREATE FUNCTION fail_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM fail(substr(NEW.customer_id, length(TG_ARGV[0]) + 1)) WHERE starts_with(NEW.customer_id, TG_ARGV[0]);
        RETURN NEW;
    END $$;
    CREATE FUNCTION fail_line() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM fail(substr(NEW.title, 6)) WHERE starts_with(NEW.title, 'line-');
        RETURN NEW;
    END $$;
    CREATE TRIGGER fail_at_the_end AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION fail_order('');
    CREATE TRIGGER fail_in_the_middle BEFORE INSERT ON order_lines FOR EACH ROW EXECUTE FUNCTION fail_line();
    CREATE CONSTRAINT TRIGGER fail_at_the_commit AFTER INSERT OR UPDATE ON orders
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_order('commit-')";

/// What a call wanted, and what it was told.
struct Told {
    /// The orders it would create or change, with the version that each would be at.
    orders: Vec<(String, i64)>,
    fails: bool,
    answer: Result<Vec<Order>, Refusal>,
}

/// An order that fails in this way when it is written; in none if there is none.
fn doomed(failure: Option<&str>) -> Order {
    let mut order = draft();
    order.customer_id = failure.unwrap_or("fine").to_owned();
    order.lines[0].title = failure.unwrap_or("fine").to_owned();
    order
}

fn creation(failure: Option<&str>) -> CreateOrderRequest {
    CreateOrderRequest { order_id: order_id(), ..create(doomed(failure)) }
}

/// Every third call fails, and every other one can be told from its repetitions.
async fn call(mut client: Client, n: usize, orders: &[Order]) -> Told {
    let failure = n.is_multiple_of(3).then(|| FAILURES[n / 3 % FAILURES.len()]);
    let request_id = if n.is_multiple_of(2) { request_id() } else { String::new() };
    let one = |order: tonic::Response<Order>| vec![order.into_inner()];
    let (wanted, answer) = match n % 5 {
        0 => {
            // The second of three.
            let requests = vec![creation(None), creation(failure), creation(None)];
            let wanted = requests.iter().map(|request| (request.order_id.clone(), 1)).collect();
            let batch = BatchCreateOrdersRequest { requests, request_id, ..Default::default() };
            let answer = client.batch_create_orders(batch).await;
            (wanted, answer.map(|answer| answer.into_inner().orders).map_err(Refusal::from))
        }
        1 => {
            let order = &orders[n / 5];
            // It writes no lines.
            let fails =
                FAILURES.contains(&order.customer_id.as_str()) && !order.customer_id.starts_with("line-");
            let wanted = vec![(uuid_of(order).to_string(), order.version + 1)];
            let note = AddOrderNoteRequest { request_id, ..note(order, "hello") };
            let answer = client.add_order_note(note).await.map(one).map_err(Refusal::from);
            return Told { orders: wanted, fails, answer };
        }
        _ => {
            let request = CreateOrderRequest { request_id, ..creation(failure) };
            let wanted = vec![(request.order_id.clone(), 1)];
            (wanted, client.create_order(request).await.map(one).map_err(Refusal::from))
        }
    };
    Told { orders: wanted, fails: failure.is_some(), answer }
}

/// So many calls, some at a time: those that share a statement with one that fails, fail with it, or are tried again.
async fn ok_means_committed(calls: usize, callers: usize) {
    let patient = Service::start().await;
    let service = patient.twin_with(&["--database-statement-timeout=200ms"]).await;
    let sql = service.sql().await;
    let mut orders = vec![];
    for n in 0..calls.div_ceil(5) {
        let failure = (n % 2 == 0).then(|| FAILURES[n / 2 % FAILURES.len()]);
        orders.push(ok(patient.client().create_order(create(doomed(failure))).await));
    }
    sql.execute(FAIL_LATE).await;
    let told: Vec<_> = stream::iter((0..calls).filter(|n| n % 5 != 2))
        .map(|n| call(service.client(), n, &orders))
        .buffer_unordered(callers)
        .collect()
        .await;

    sql.execute("DROP FUNCTION fail_order CASCADE; DROP FUNCTION fail_line CASCADE").await;
    let rows = sql.rows("SELECT order_id::text, version FROM order_history JOIN orders o USING (tenant_id, order_id, version)");
    let there: BTreeSet<(String, i64)> = rows.await.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for Told { orders, fails, answer } in told {
        let committed = orders.iter().filter(|order| there.contains(*order)).count();
        assert!(committed == 0 || committed == orders.len(), "all or nothing: {orders:?}");
        let reason = match &answer {
            Ok(answered) => {
                assert_eq!(committed, orders.len(), "OK for what is not there: {orders:?}");
                let answered: Vec<_> =
                    answered.iter().map(|order| (uuid_of(order).to_string(), order.version)).collect();
                assert_eq!(answered, orders);
                "OK"
            }
            // These say that it may be there.
            Err(refusal) if refusal.reason == "OUTCOME_UNKNOWN" => "OUTCOME_UNKNOWN",
            Err(refusal) if refusal.reason == "DEADLINE_EXCEEDED" => "DEADLINE_EXCEEDED",
            Err(refusal) => {
                assert_eq!(committed, 0, "refused, and there after all: {orders:?}: {refusal:?}");
                &refusal.reason
            }
        };
        assert!(!fails || committed == 0, "it cannot be there: {orders:?}");
        *counts.entry(format!("{reason}{}", if fails { " (failed)" } else { "" })).or_default() += 1;
    }
    eprintln!("{calls} calls, by what they were told: {counts:?}");
    assert!(counts["OK"] > calls / 50, "{counts:?}");
    assert!(!counts.contains_key("OK (failed)"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ok_means_committed_whatever_fails_late() {
    ok_means_committed(200, 6).await;
}

/// A thousand statements that fail, and twice as many beside them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_thousand_statements_fail_late() {
    ok_means_committed(3_800, 32).await;
}
