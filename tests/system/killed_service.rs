//! A command service that is killed (`kill -9`) under load: nothing that was acknowledged is lost, and clients that retry
//! with the same request id at the other service get one effect.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use local_stack::{Service, TestDatabase};
use orders_proto::orders::v1::{
    AddOrderNoteRequest, BatchCreateOrdersRequest, CreateOrderRequest, NoteVisibility, Order,
};
use tokio::{task::JoinSet, time::sleep};
use tokio_postgres::Row;
use tonic::{Code, Status};

use crate::{
    books,
    support::{Commands, Sql, cart, commands_at, migrated_database, placed, published, request_id, service},
};

const CLIENTS: usize = 8;
const KILLS: u64 = 4;
/// Orders in a batch, which are all there or none.
const BATCH: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    let database = migrated_database().await;
    let survivor = service(Service::Command, &database).await;
    let mut survivor_client = commands_at(survivor.address()).await;
    let shared = placed(&mut survivor_client).await;

    let mut acknowledged = Vec::new();
    let mut retried = 0;
    for kill in 0..KILLS {
        let victim = service(Service::Command, &database).await;
        let killed = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let victim = commands_at(victim.address()).await;
            let client =
                Client { victim, survivor: survivor_client.clone(), killed: Arc::clone(&killed), retried: 0 };
            clients.spawn(client.run(shared.name.clone()));
        }
        sleep(Duration::from_millis(150 + 40 * kill)).await;
        victim.kill().await.unwrap();
        killed.store(true, Ordering::Relaxed);
        for (answers, retries) in clients.join_all().await {
            assert!(!answers.is_empty(), "the victim was killed before it had answered anything");
            acknowledged.extend(answers);
            retried += retries;
        }
    }
    assert!(retried > 0, "no call was cut");
    check(&database, &acknowledged).await;
}

/// One effect for each request, and it is the one that was acknowledged.
async fn check(database: &TestDatabase, acknowledged: &[Acknowledged]) {
    let sql = Sql::connect(database).await;
    books::check(&sql, "after the kills").await;
    let rows = sql.rows("SELECT request_id::text, request_part, published_state FROM order_history").await;
    // The first row is that of the order that all clients write to.
    assert_eq!(rows.len(), acknowledged.len() + 1, "one commit per command");
    for Acknowledged { request_id, part, order } in acknowledged {
        let is_it = |row: &&Row| row.get::<_, &str>(0) == request_id && row.get::<_, i32>(1) == *part;
        let mut committed = rows.iter().filter(is_it);
        let state: Option<&[u8]> = committed.next().map(|row| row.get(2));
        assert_eq!(
            state,
            Some(&*published(order)),
            "{request_id}: what was acknowledged is not what is there"
        );
        assert!(committed.next().is_none(), "{request_id} took effect twice");
    }
}

/// An order that a command, or a part of one, was answered with.
struct Acknowledged {
    request_id: String,
    part: i32,
    order: Order,
}

/// Sends commands to the victim, and whatever it does not answer to the survivor.
struct Client {
    victim: Commands,
    survivor: Commands,
    killed: Arc<AtomicBool>,
    retried: u32,
}

impl Client {
    /// The answers, and how many calls had to be sent again.
    async fn run(mut self, shared: String) -> (Vec<Acknowledged>, u32) {
        let mut answers = Vec::new();
        let mut acknowledge = |request_id: &String, orders: Vec<Order>| {
            let parts = (0..).zip(orders);
            answers.extend(parts.map(|(part, order)| {
                let request_id = request_id.clone();
                Acknowledged { request_id, part, order }
            }));
        };
        while !self.killed.load(Ordering::Relaxed) {
            let id = request_id();
            let create = CreateOrderRequest {
                order: Some(cart()),
                place: true,
                request_id: id.clone(),
                ..CreateOrderRequest::default()
            };
            let order =
                self.send(create.clone(), async |client, request| client.create_order(request).await).await;
            acknowledge(&id, vec![order]);
            let id = request_id();
            let requests = vec![CreateOrderRequest { request_id: String::new(), ..create }; BATCH];
            let batch = BatchCreateOrdersRequest { requests, request_id: id.clone(), ..Default::default() };
            let made =
                self.send(batch, async |client, request| client.batch_create_orders(request).await).await;
            assert_eq!(made.orders.len(), BATCH);
            acknowledge(&id, made.orders);
            let id = request_id();
            let note = AddOrderNoteRequest {
                name: shared.clone(),
                text: "still here".to_owned(),
                visibility: NoteVisibility::Internal.into(),
                request_id: id.clone(),
                ..AddOrderNoteRequest::default()
            };
            let order = self.send(note, async |client, request| client.add_order_note(request).await).await;
            acknowledge(&id, vec![order]);
        }
        (answers, self.retried)
    }

    async fn send<M: Clone, A>(
        &mut self,
        request: M,
        rpc: impl AsyncFn(&mut Commands, M) -> Result<tonic::Response<A>, Status>,
    ) -> A {
        match rpc(&mut self.victim, request.clone()).await {
            Ok(answer) => return answer.into_inner(),
            Err(status) => assert_cut_short(&status),
        }
        self.retried += 1;
        for _ in 0..500 {
            match rpc(&mut self.survivor, request.clone()).await {
                Ok(answer) => return answer.into_inner(),
                Err(status) => assert_eq!(status.code(), Code::Aborted, "{status:?}"),
            }
        }
        panic!("500 times others were faster");
    }
}

/// The connection broke in mid-call, or others were faster; the service itself never says anything else.
fn assert_cut_short(status: &Status) {
    let broken = [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal];
    let by_the_service = !status.details().is_empty();
    let expected =
        if by_the_service { status.code() == Code::Aborted } else { broken.contains(&status.code()) };
    assert!(expected, "{status:?}");
}
