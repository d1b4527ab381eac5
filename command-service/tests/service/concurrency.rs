//! Writers of one order at once, through two services on one database.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use orders_proto::orders::v1::{AddOrderNoteRequest, Order, UpdateOrderRequest};
use tonic::{Code, Response, Status};

use crate::support::{
    Client, Refusal, Service, Sql, cancel, capture, draft, line, note, ok, refusal, shipment, tagged, uuid_of,
};

/// How many writers each of the two services has.
const WRITERS: usize = 50;

/// Two services on one database, and writers with connections of their own: every other one to the first.
async fn writers(count: usize) -> (Service, Service, Vec<Client>) {
    let service = Service::start().await;
    let twin = service.twin().await;
    let client = |n| if n % 2 == 0 { service.another_client() } else { twin.another_client() };
    let clients = (0..count).map(client).collect();
    (service, twin, clients)
}

/// Sends a command again as long as others are faster, as the error tells to.
async fn insisted<F>(mut send: impl FnMut() -> F) -> Order
where
    F: Future<Output = Result<Response<Order>, Status>>,
{
    loop {
        match send().await {
            Ok(response) => return response.into_inner(),
            Err(status) => {
                let refusal = Refusal::from(status);
                assert_eq!(
                    (refusal.code, refusal.reason.as_str()),
                    (Code::Aborted, "CONCURRENT_UPDATE"),
                    "{refusal:?}"
                );
                tokio::time::sleep(refusal.retry.unwrap()).await;
            }
        }
    }
}

/// The history of the order has every version once, and each was committed later than the one before.
async fn history_is_whole(sql: &Sql, order: &Order, versions: i64) {
    let id = uuid_of(order);
    let history = sql
        .rows(&format!(
            "SELECT version, commit_time > lag(commit_time) OVER w,
                (xid, position) > (lag(xid) OVER w, lag(position) OVER w)
            FROM order_history WHERE order_id = '{id}' WINDOW w AS (ORDER BY version) ORDER BY version"
        ))
        .await;
    let found: Vec<i64> = history.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, (1..=versions).collect::<Vec<_>>());
    for row in &history[1..] {
        let (later, after): (bool, bool) = (row.get(1), row.get(2));
        assert!(later && after, "version {}: later {later}, after {after}", row.get::<_, i64>(0));
    }
    assert_eq!(sql.number(&format!("SELECT version FROM orders WHERE order_id = '{id}'")).await, versions);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_note_is_lost() {
    let (service, _twin, clients) = writers(2 * WRITERS).await;
    let order = service.drafted().await;
    let calls = clients.into_iter().enumerate().map(|(n, client)| {
        let request = note(&order, &format!("note {n}."));
        tokio::spawn(insisted(move || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.add_order_note(request).await }
        }))
    });
    let versions: BTreeSet<_> =
        join_all(calls).await.into_iter().map(|order| order.unwrap().version).collect();
    let writers = i64::try_from(2 * WRITERS).unwrap();
    assert_eq!(versions, (2..=writers + 1).collect(), "each writer got a version of its own");
    let sql = service.sql().await;
    history_is_whole(&sql, &order, writers + 1).await;
    for n in 0..2 * WRITERS {
        let found = format!(
            "SELECT count(*) FROM order_history h WHERE position('note {n}.'::bytea IN h.events) > 0"
        );
        assert_eq!(sql.number(&found).await, 1, "note {n}");
    }
}

/// The writers of one process take turns: nobody is told to try again, however many they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_one_process_all_get_through_at_the_first_attempt() {
    const NOTES: i64 = 300;
    let service = Service::start().await;
    let order = service.drafted().await;
    let calls = (0..NOTES).map(|n| {
        let (mut client, request) = (service.client(), note(&order, &format!("note {n}.")));
        tokio::spawn(async move { ok(client.add_order_note(request).await).version })
    });
    let versions: BTreeSet<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(versions, (2..=NOTES + 1).collect());
    history_is_whole(&service.sql().await, &order, NOTES + 1).await;
}

/// Read, change, write back with the etag: the way to change something that depends on what was there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_tag_is_lost_by_writers_with_etags() {
    const TAGS: usize = 20;
    let (service, _twin, clients) = writers(TAGS).await;
    let order = service.drafted().await;
    let calls = clients.into_iter().enumerate().map(|(n, mut client)| {
        let mut current = order.clone();
        tokio::spawn(async move {
            loop {
                let mut tags = current.tags.clone();
                tags.push(format!("tag-{n}"));
                let tags: Vec<_> = tags.iter().map(String::as_str).collect();
                let request = UpdateOrderRequest { etag: current.etag.clone(), ..tagged(&current, &tags) };
                match client.update_order(request).await {
                    Ok(_) => return,
                    Err(status) => assert_eq!(Refusal::from(status).reason, "VERSION_MISMATCH"),
                }
                // What a note would leave is what is there, one version on.
                let read = AddOrderNoteRequest { validate_only: true, ..note(&current, "a look") };
                let next = ok(client.add_order_note(read).await);
                current = Order { etag: format!("W/\"{}\"", next.version - 1), ..next };
            }
        })
    });
    join_all(calls).await.into_iter().for_each(Result::unwrap);
    let last = ok(service.client().add_order_note(note(&order, "done")).await);
    let expected: BTreeSet<_> = (0..TAGS).map(|n| format!("tag-{n}")).collect();
    assert_eq!(last.tags.iter().cloned().collect::<BTreeSet<_>>(), expected);
    history_is_whole(&service.sql().await, &order, i64::try_from(TAGS).unwrap() + 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_and_money_add_up() {
    let (service, _twin, clients) = writers(60).await;
    let order = service.confirmed(Order { lines: vec![line("MUG", 60, 1_00)], ..draft() }).await;
    let calls = clients.into_iter().enumerate().map(|(n, client)| {
        let order = order.clone();
        tokio::spawn(insisted(move || {
            let (mut client, order) = (client.clone(), order.clone());
            async move {
                match n % 3 {
                    0 => client.create_shipment(shipment(&order, &[(1, 1)])).await,
                    1 => client.cancel_order(cancel(&order, &[(1, 1)])).await,
                    _ => client.record_payment_transaction(capture(&order, &format!("c-{n}"), 1_00)).await,
                }
            }
        }))
    });
    join_all(calls).await.into_iter().for_each(|order| drop(order.unwrap()));
    let last = ok(service.client().add_order_note(note(&order, "done")).await);
    let quantities = last.lines[0].quantities.unwrap();
    assert_eq!((quantities.in_shipment, quantities.cancelled, quantities.open), (20, 20, 20));
    assert_eq!((last.shipments.len(), last.payments[0].transactions.len()), (20, 20));
    assert_eq!(last.balance.clone().unwrap().units, 20, "40 left, 20 paid");
    history_is_whole(&service.sql().await, &order, last.version).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writers_with_one_etag_exactly_one_wins() {
    let (service, _twin, clients) = writers(20).await;
    let mut order = service.drafted().await;
    for round in 0..10 {
        let calls = clients.iter().cloned().enumerate().map(|(n, mut client)| {
            let text = format!("round {round}, writer {n}");
            let request = AddOrderNoteRequest { etag: order.etag.clone(), ..note(&order, &text) };
            tokio::spawn(async move { client.add_order_note(request).await })
        });
        let answers = join_all(calls).await.into_iter().map(Result::unwrap);
        let (mut won, lost): (Vec<_>, Vec<_>) = answers.partition(Result::is_ok);
        assert_eq!(won.len(), 1, "round {round}");
        for lost in lost {
            let refused = refusal(lost);
            assert_eq!((refused.code, refused.reason.as_str()), (Code::Aborted, "VERSION_MISMATCH"));
            let versions = (refused.told("expected_version"), refused.told("current_version"));
            assert_eq!(
                versions,
                (order.version.to_string().as_str(), (order.version + 1).to_string().as_str())
            );
        }
        order = ok(won.remove(0));
    }
    history_is_whole(&service.sql().await, &order, 11).await;
}
