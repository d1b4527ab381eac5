//! Answers that clients ask for and have no window for: they get the room of a few, and who wants them has to make way.

use std::time::{Duration, Instant};

use local_stack::Service;
use orders_proto::orders::v1::{
    CreateOrderRequest, GetOrderRequest, ListOrdersRequest, OrderLine, OrderView,
};
use tonic::Code;

use crate::{
    abuse::{
        framed,
        frames::{call, flood, open},
    },
    hostile::{MEMORY, forget_peak, memory, peak_memory},
    support::{
        Queries, cart, channel, commands_at, eventually, migrated_database, placed, request_id, service_with,
    },
};

/// Settings that leave no room for answers.
const NO_WINDOW: [u8; 6] = [0, 4, 0, 0, 0, 0];
const LIST: &str = "/orders.v1.OrderQueryService/ListOrders";
const CONNECTIONS: u32 = 8;
const CALLS: u32 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn large_answers_that_nobody_takes_get_the_room_of_a_few_and_keep_nobody_out_for_long() {
    let database = migrated_database().await;
    let commands = service_with(Service::Command, &database, &[]).await;
    let queries = service_with(Service::Query, &database, &[]).await;
    let mut writing = commands_at(commands.address()).await;
    let name = placed(&mut writing).await.name;
    let mut order = cart();
    order.lines = vec![OrderLine { title: "x".repeat(200), ..order.lines[0].clone() }; 100];
    for _ in 0..20 {
        let create =
            CreateOrderRequest { order: Some(order.clone()), request_id: request_id(), ..Default::default() };
        writing.create_order(create).await.unwrap();
    }
    let list =
        ListOrdersRequest { view: OrderView::Full.into(), page_size: 20, ..ListOrdersRequest::default() };
    let mut honest = Queries::new(channel(queries.address()).await);
    let answer = honest.list_orders(list.clone()).await.unwrap().into_inner();
    let bytes = prost::Message::encoded_len(&answer);

    forget_peak(queries.pid());
    let before = memory(queries.pid());
    let mut lazy = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = open(queries.address(), &NO_WINDOW).await;
        flood(&mut stream, CALLS, |number| call(2 * number + 1, LIST, &framed(&list))).await;
        lazy.push(stream);
    }
    let begun = Instant::now();
    for _ in 0..20 {
        honest.get_order(GetOrderRequest { name: name.clone(), ..Default::default() }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    eventually("a large answer gets through", async || match honest.list_orders(list.clone()).await {
        Ok(_) => true,
        Err(status) => {
            assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
            false
        }
    })
    .await;
    let peak = peak_memory(queries.pid());
    println!(
        "{} answers of {} KiB: {before} KiB before, {peak} KiB at most; another one got through after {:?}",
        CONNECTIONS * CALLS,
        bytes / 1024,
        begun.elapsed()
    );
    assert!(bytes * (CONNECTIONS * CALLS) as usize / 1024 > 2 * MEMORY as usize, "too little to be a test");
    assert!(peak <= before + MEMORY, "grew from {before} to {peak} KiB");
}
