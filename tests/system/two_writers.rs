//! Two command services on one database, writing the same orders at once.

use std::collections::BTreeSet;

use local_stack::{Service, ServiceProcess, TestDatabase};
use orders_proto::orders::v1::{
    AddOrderNoteRequest, AmendOrderRequest, CreateOrderRequest, NoteVisibility, Order, OrderChange,
    OrderLine, UpdateOrderRequest, order_change::Change,
};
use prost_types::FieldMask;
use tokio::task::JoinSet;
use tonic::{Code, Response, Status};

use crate::{
    books,
    support::{
        Commands, Sql, cart, commands_at, migrated_database, money, placed, reason, request_id, service,
    },
};

/// Calls with one request id.
const TWINS: usize = 20;

/// Two command services on one database, with a client each.
struct Pair {
    clients: [Commands; 2],
    _services: [ServiceProcess; 2],
    database: TestDatabase,
}

impl Pair {
    async fn start() -> Self {
        let database = migrated_database().await;
        let services =
            [service(Service::Command, &database).await, service(Service::Command, &database).await];
        let [one, other] = services.each_ref().map(ServiceProcess::address);
        Self { clients: [commands_at(one).await, commands_at(other).await], _services: services, database }
    }

    /// A client of the one or the other, in turns.
    fn client(&self, number: usize) -> Commands {
        self.clients[number % 2].clone()
    }

    async fn check_books(&self) -> Sql {
        let sql = Sql::connect(&self.database).await;
        books::check(&sql, "after two had written").await;
        sql
    }
}

/// A change that nothing but the others can stand in the way of: sent again until it is done.
async fn insist<F: Future<Output = Result<Response<Order>, Status>>>(mut send: impl FnMut() -> F) -> Order {
    for _ in 0..500 {
        match send().await {
            Ok(answer) => return answer.into_inner(),
            Err(status) => assert_eq!(status.code(), Code::Aborted, "{status:?}"),
        }
    }
    panic!("500 times others were faster");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_update_is_lost() {
    const WRITERS: usize = 8;
    const LINES: usize = 12;
    let pair = Pair::start().await;
    let draft = CreateOrderRequest { order: Some(cart()), ..CreateOrderRequest::default() };
    let name = pair.client(0).create_order(draft).await.unwrap().into_inner().name;

    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (commands, name) = (pair.client(writer), name.clone());
        writers.spawn(async move {
            for line in 0..LINES {
                let request = add_line(&name, format!("SKU-{writer}-{line}"));
                insist(|| {
                    let (mut commands, request) = (commands.clone(), request.clone());
                    async move { commands.amend_order(request).await }
                })
                .await;
            }
        });
    }
    writers.join_all().await;

    let note = insist(|| {
        let (mut commands, request) = (pair.client(1), note(&name, "done"));
        async move { commands.add_order_note(request).await }
    });
    let order = note.await;
    let skus: BTreeSet<_> = order.lines.iter().map(|line| line.sku.clone()).collect();
    let ids: BTreeSet<_> = order.lines.iter().map(|line| line.line_id).collect();
    let expected = cart().lines.len() + WRITERS * LINES;
    assert_eq!((order.lines.len(), skus.len(), ids.len()), (expected, expected, expected));
    assert_eq!(usize::try_from(order.version).unwrap(), 1 + WRITERS * LINES + 1);
    pair.check_books().await;
}

/// The classic: everybody reads a number and writes one more.
#[tokio::test(flavor = "multi_thread")]
async fn an_etag_keeps_a_counter_exact() {
    const WRITERS: usize = 6;
    const STEPS: usize = 10;
    let pair = Pair::start().await;
    let order = placed(&mut pair.client(0)).await;

    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (mut commands, mut order) = (pair.client(writer), order.clone());
        writers.spawn(async move {
            let mut mismatches = 0;
            for _ in 0..STEPS {
                loop {
                    match commands.update_order(one_more(&order)).await {
                        Ok(answer) => break order = answer.into_inner(),
                        Err(status) => {
                            assert_eq!(
                                (status.code(), &*reason(&status)),
                                (Code::Aborted, "VERSION_MISMATCH")
                            );
                            mismatches += 1;
                        }
                    }
                    // Any answer tells the state; this one changes nothing.
                    let look = AddOrderNoteRequest { validate_only: true, ..note(&order.name, "look") };
                    let looked = commands.add_order_note(look).await.unwrap().into_inner();
                    let version = looked.version - 1;
                    order = Order { version, etag: format!("W/\"{version}\""), ..looked };
                }
            }
            (counter(&order), mismatches)
        });
    }
    let ends = writers.join_all().await;
    let last = ends.iter().map(|(count, _)| *count).max();
    assert_eq!(last, Some(WRITERS * STEPS), "{ends:?}");
    assert!(ends.iter().any(|(_, mismatches)| *mismatches > 0), "nobody got in anybody's way: {ends:?}");
    pair.check_books().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_with_one_request_id_have_one_effect_and_one_answer() {
    let pair = Pair::start().await;
    let order = placed(&mut pair.client(0)).await;
    for round in 0..10 {
        let create = CreateOrderRequest {
            order: Some(cart()),
            place: true,
            request_id: request_id(),
            ..CreateOrderRequest::default()
        };
        let note = AddOrderNoteRequest { request_id: request_id(), ..note(&order.name, "once") };
        let (mut creations, mut notes) = (JoinSet::new(), JoinSet::new());
        for twin in 0..TWINS {
            let (mut commands, create) = (pair.client(twin), create.clone());
            creations.spawn(async move { commands.create_order(create).await });
            let (mut commands, note) = (pair.client(twin), note.clone());
            notes.spawn(async move { commands.add_order_note(note).await });
        }
        let created = one_answer(creations.join_all().await);
        let noted = one_answer(notes.join_all().await);
        assert_eq!((created.version, noted.version), (1, 2 + round), "round {round}");
    }
    let sql = pair.check_books().await;
    assert_eq!(sql.number("SELECT count(*) FROM orders").await, 11);
    assert_eq!(sql.number("SELECT count(*) FROM order_history").await, 11 + 10);
}

/// The order that all calls answered with, one of them as the first.
fn one_answer(answers: Vec<Result<Response<Order>, Status>>) -> Order {
    let answers: Vec<_> =
        answers.into_iter().map(|answer| answer.unwrap_or_else(|s| panic!("{s:?}"))).collect();
    let replays = answers.iter().filter(|answer| answer.metadata().contains_key("idempotent-replay")).count();
    assert_eq!((answers.len(), replays), (TWINS, TWINS - 1));
    let first = answers[0].get_ref().clone();
    for answer in answers {
        let token = answer.metadata().get("order-consistency-token").unwrap().to_str().unwrap();
        assert_eq!(token, first.consistency_token);
        assert_eq!(answer.into_inner(), first);
    }
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_id_with_many_payloads_has_the_effect_of_one() {
    let pair = Pair::start().await;
    let order = placed(&mut pair.client(0)).await;
    let id = request_id();
    let mut calls = JoinSet::new();
    for number in 0..TWINS {
        let mut commands = pair.client(number);
        let request =
            AddOrderNoteRequest { request_id: id.clone(), ..note(&order.name, &number.to_string()) };
        calls.spawn(async move { commands.add_order_note(request).await });
    }
    let (done, refused): (Vec<_>, Vec<_>) = calls.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, TWINS - 1));
    for status in refused.into_iter().filter_map(Result::err) {
        assert_eq!((status.code(), &*reason(&status)), (Code::InvalidArgument, "REQUEST_ID_REUSED"));
    }
    let sql = pair.check_books().await;
    assert_eq!(sql.number("SELECT count(*) FROM order_history").await, 2);
}

fn add_line(name: &str, sku: String) -> AmendOrderRequest {
    let line = OrderLine { sku, quantity: 1, unit_price: money("EUR", 100), ..OrderLine::default() };
    let changes = vec![OrderChange { change: Some(Change::AddLine(line)) }];
    AmendOrderRequest {
        name: name.to_owned(),
        changes,
        request_id: request_id(),
        ..AmendOrderRequest::default()
    }
}

fn note(name: &str, text: &str) -> AddOrderNoteRequest {
    AddOrderNoteRequest {
        name: name.to_owned(),
        text: text.to_owned(),
        visibility: NoteVisibility::Internal.into(),
        ..AddOrderNoteRequest::default()
    }
}

fn counter(order: &Order) -> usize {
    order.metadata.get("counter").map_or(0, |count| count.parse().unwrap())
}

fn one_more(order: &Order) -> UpdateOrderRequest {
    let metadata = [("counter".to_owned(), (counter(order) + 1).to_string())].into();
    UpdateOrderRequest {
        order: Some(Order { name: order.name.clone(), metadata, ..Order::default() }),
        update_mask: Some(FieldMask { paths: vec!["metadata".to_owned()] }),
        etag: order.etag.clone(),
        ..UpdateOrderRequest::default()
    }
}
