//! Connections that are abused, in each way that the chassis' own tests know: here it is both services as processes, beside clients
//! who place orders and read them.

#[path = "../../shared-infrastructure/tests/chassis/frames.rs"]
mod frames;
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
use orders_proto::orders::v1::{CreateOrderRequest, GetOrderRequest, ListOrdersRequest};
use prost::Message;
use tokio::{task::JoinSet, time::timeout};

use self::ways::{Victim, WAYS, abuse};
use crate::{
    hostile::{MEMORY, memory},
    support::{
        Queries, Sql, cart, channel, commands_at, eventually, migrated_database, placed, request_id,
        service_with,
    },
};

/// Abusive connections at a time.
const AT_A_TIME: usize = 50;

/// So short that ends are seen.
const HASTE: [(&str, &str); 3] =
    [("CONNECTION_OPEN_TIMEOUT", "1s"), ("REQUEST_TIMEOUT", "1s"), ("ANSWER_TIMEOUT", "1s")];

#[tokio::test(flavor = "multi_thread")]
async fn honest_clients_are_served_beside_abusive_ones() {
    withstand(10 * WAYS).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn honest_clients_are_served_beside_ten_thousand_abusive_connections() {
    withstand(10_000).await;
}

/// So many abusive connections, to one service and the other by turns.
async fn withstand(connections: usize) {
    let database = migrated_database().await;
    let commands = service_with(Service::Command, &database, &HASTE).await;
    let queries = service_with(Service::Query, &database, &HASTE).await;
    let victims = victims(&commands, &queries);
    let enough = Arc::new(AtomicBool::new(false));
    // What is there after any use does not count.
    assault(&victims, 2 * WAYS).await;
    honest_round(commands.address(), queries.address()).await;
    let services = [("command-service", commands.pid()), ("query-service", queries.pid())];
    let before = services.map(|(_, pid)| memory(pid));

    let honest = tokio::spawn(honest(commands.address(), queries.address(), Arc::clone(&enough)));
    assault(&victims, connections).await;
    enough.store(true, SeqCst);
    let served = honest.await.unwrap();
    println!("{connections} abusive connections: {served} orders placed and read meanwhile");
    assert!(served > 0, "no honest client was seen");
    for ((name, pid), before) in services.into_iter().zip(before) {
        let after = memory(pid);
        println!("{name}: {before} KiB before, {after} KiB after");
        assert!(after <= before + MEMORY, "{name} grew from {before} to {after} KiB");
    }
    let sql = Sql::connect(&database).await;
    eventually("no session is at anything", async || sql.busy_sessions().await.is_empty()).await;
}

fn victims(commands: &ServiceProcess, queries: &ServiceProcess) -> [Victim; 2] {
    let create = CreateOrderRequest {
        order: Some(cart()),
        place: true,
        request_id: request_id(),
        ..CreateOrderRequest::default()
    };
    let create = framed(&create);
    let list = framed(&ListOrdersRequest::default());
    [
        Victim {
            address: commands.address(),
            path: "/orders.v1.OrderCommandService/CreateOrder",
            message: create,
        },
        Victim { address: queries.address(), path: "/orders.v1.OrderQueryService/ListOrders", message: list },
    ]
}

fn framed(message: &impl Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &length[..], &message].concat()
}

async fn assault(victims: &[Victim; 2], connections: usize) {
    let mut abusive = JoinSet::new();
    for number in 0..connections {
        if abusive.len() >= AT_A_TIME {
            abusive.join_next().await.unwrap().unwrap();
        }
        abusive.spawn(abuse(victims[number % 2].clone(), number / 2 % WAYS));
    }
    abusive.join_all().await;
}

/// How often an order was placed and read, on new connections each time, until it was enough.
async fn honest(commands: SocketAddr, queries: SocketAddr, enough: Arc<AtomicBool>) -> u32 {
    let mut served = 0;
    while !enough.load(SeqCst) {
        soon(honest_round(commands, queries)).await;
        served += 1;
    }
    served
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
