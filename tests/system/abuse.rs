//! Connections that are abused, in each way that the chassis' own tests know: here it is both services as processes, beside clients
//! who place orders and read them.

#[path = "../../shared-infrastructure/tests/chassis/frames.rs"]
pub(crate) mod frames;
#[path = "../../shared-infrastructure/tests/chassis/ways.rs"]
mod ways;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use local_stack::{Service, ServiceProcess};
use orders_proto::orders::v1::{AddOrderNoteRequest, GetOrderRequest, NoteVisibility};
use prost::Message;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use self::{
    frames::{DATA, END_HEADERS, HEADERS, flood, frame, headers, open},
    ways::{Victim, WAYS, abuse},
};
use crate::{
    hostile::{MEMORY, forget_peak, memory, peak_memory},
    support::{
        Queries, Sql, channel, commands_at, eventually, migrated_database, placed, request_id, service_with,
    },
};

/// Abusive connections at a time.
const AT_A_TIME: usize = 50;

/// So short that ends are seen; and room for all calls: what overload does is for another test.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("CONNECTION_OPEN_TIMEOUT", "1s"),
    ("REQUEST_TIMEOUT", "1s"),
    ("ANSWER_TIMEOUT", "1s"),
    ("MAX_CONCURRENT_COMMANDS", "100000"),
    ("MAX_CONCURRENT_READS", "100000"),
];

#[tokio::test(flavor = "multi_thread")]
async fn honest_clients_are_served_beside_abusive_ones() {
    withstand(10 * WAYS).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn honest_clients_are_served_beside_two_thousand_abusive_connections() {
    withstand(2_000).await;
}

/// Room is set aside for a message when it is announced, whatever comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn halves_of_many_large_requests_get_the_room_of_a_few_and_keep_no_small_one_out() {
    let database = migrated_database().await;
    let room_for_calls = [("MAX_CONCURRENT_COMMANDS", "100000")];
    let service = service_with(Service::Command, &database, &room_for_calls).await;
    let mut honest = commands_at(service.address()).await;
    placed(&mut honest).await;
    forget_peak(service.pid());
    let before = memory(service.pid());

    let path = "/orders.v1.OrderCommandService/CreateOrder";
    let begun = [&[0][..], &(256 * 1024_u32).to_be_bytes(), &[b'a'; 100]].concat();
    let call = |stream| {
        let headers = frame(HEADERS, END_HEADERS, stream, &headers(path, 1));
        [headers, frame(DATA, 0, stream, &begun)].concat()
    };
    let mut stalled = Vec::new();
    for _ in 0..8 {
        let mut stream = open(service.address(), &[]).await;
        flood(&mut stream, 120, |number| call(2 * number + 1)).await;
        stalled.push(stream);
    }
    for _ in 0..20 {
        placed(&mut honest).await;
        sleep(Duration::from_millis(50)).await;
    }
    let peak = peak_memory(service.pid());
    println!("{} halves: {before} KiB before, {peak} KiB at most", 120 * stalled.len());
    assert!(peak <= before + MEMORY, "grew from {before} to {peak} KiB");
}

/// So many abusive connections, to one service and the other by turns.
async fn withstand(connections: usize) {
    let database = migrated_database().await;
    let commands = service_with(Service::Command, &database, &ENVIRONMENT).await;
    let queries = service_with(Service::Query, &database, &ENVIRONMENT).await;
    let victims = victims(&commands, &queries).await;
    let enough = Arc::new(AtomicBool::new(false));
    // What is there after any use does not count.
    assault(&victims, 2 * WAYS).await;
    honest_round(commands.address(), queries.address()).await;
    let services = [("command-service", commands.pid()), ("query-service", queries.pid())];
    services.iter().for_each(|(_, pid)| forget_peak(*pid));
    let before = services.map(|(_, pid)| memory(pid));

    let honest = tokio::spawn(honest(commands.address(), queries.address(), Arc::clone(&enough)));
    assault(&victims, connections).await;
    enough.store(true, SeqCst);
    let served = honest.await.unwrap();
    println!("{connections} abusive connections: {served} orders placed and read meanwhile");
    for ((name, pid), before) in services.into_iter().zip(before) {
        let peak = peak_memory(pid);
        println!("{name}: {before} KiB before, {peak} KiB at most");
        assert!(peak <= before + MEMORY, "{name} grew from {before} to {peak} KiB");
    }
    let sql = Sql::connect(&database).await;
    eventually("no session is at anything", async || sql.busy_sessions().await.is_empty()).await;
}

/// Calls that are answered at length and change nothing: a command that was answered before, and a read. Each is about an order of its
/// own, since commands on one order take turns.
async fn victims(commands: &ServiceProcess, queries: &ServiceProcess) -> Vec<Victim> {
    let mut client = commands_at(commands.address()).await;
    let mut victims = Vec::new();
    for _ in 0..AT_A_TIME {
        let order = placed(&mut client).await;
        let add = AddOrderNoteRequest {
            name: order.name.clone(),
            text: "seen before".to_owned(),
            visibility: NoteVisibility::Internal.into(),
            request_id: request_id(),
            ..AddOrderNoteRequest::default()
        };
        client.add_order_note(add.clone()).await.unwrap();
        let path = "/orders.v1.OrderCommandService/AddOrderNote";
        victims.push(Victim { address: commands.address(), path, message: framed(&add) });
        let get = GetOrderRequest { name: order.name, ..GetOrderRequest::default() };
        let path = "/orders.v1.OrderQueryService/GetOrder";
        victims.push(Victim { address: queries.address(), path, message: framed(&get) });
    }
    victims
}

pub(crate) fn framed(message: &impl Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &length[..], &message].concat()
}

async fn assault(victims: &[Victim], connections: usize) {
    let mut abusive = JoinSet::new();
    for number in 0..connections {
        if abusive.len() >= AT_A_TIME {
            abusive.join_next().await.unwrap().unwrap();
        }
        abusive.spawn(abuse(victims[number % victims.len()].clone(), number / 2 % WAYS));
    }
    abusive.join_all().await;
}

/// How often an order was placed and read, on new connections each time, until it was enough.
async fn honest(commands: SocketAddr, queries: SocketAddr, enough: Arc<AtomicBool>) -> u32 {
    let mut served = 0;
    loop {
        soon(honest_round(commands, queries)).await;
        served += 1;
        if enough.load(SeqCst) {
            return served;
        }
    }
}

async fn honest_round(commands: SocketAddr, queries: SocketAddr) {
    let order = placed(&mut commands_at(commands).await).await;
    let get = GetOrderRequest {
        name: order.name,
        consistency_token: order.consistency_token,
        ..GetOrderRequest::default()
    };
    let read = Queries::new(channel(queries).await).get_order(get).await.unwrap().into_inner();
    assert_eq!(read.version, order.version);
}

/// Fails the test, in place of hanging it.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(30), what).await.expect("took longer than 30 s")
}
