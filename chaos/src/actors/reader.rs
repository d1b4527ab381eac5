//! Readers: one order after the other as it is now, some with the token of what was seen of it.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;
use orders_proto::orders::v1::{GetOrderRequest, Order, order_query_service_client::OrderQueryServiceClient};
use tokio::time::{sleep, timeout};
use tonic::transport::Channel;

use super::{
    caller::{gave_up, patience, refusal},
    world::{World, channel},
};
use crate::{
    history::{Answer, Call, Seen, id},
    plan::Node,
};

/// The longest pause between two reads, in milliseconds.
const PAUSE: u64 = 40;

type Queries = OrderQueryServiceClient<Channel>;

/// Reads until it is told to stop.
pub(crate) async fn reader(world: Arc<World>, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut services = services(&world);
    while !world.stop.is_cancelled() {
        if let Some(known) = world.order(&mut rng) {
            let (node, client) = &mut services[rng.usize(..world.queries.len())];
            let consistency_token = if rng.bool() { known.consistency_token } else { String::new() };
            let request =
                GetOrderRequest { name: known.name, consistency_token, ..GetOrderRequest::default() };
            let patience = patience(&mut rng);
            if let Some(order) = read(&world, *node, client, request, patience).await {
                world.saw(order);
            }
        }
        world.pause(&mut rng, PAUSE).await;
    }
}

/// Reads each of these orders once: those that could not be read, although it was tried for a while.
pub(crate) async fn read_all(world: &World, orders: impl Iterator<Item = String>) -> Vec<String> {
    let mut services = services(world);
    let mut failed = Vec::new();
    for order in orders {
        let mut tries = 0..50;
        let request = GetOrderRequest { name: format!("orders/{order}"), ..GetOrderRequest::default() };
        loop {
            let Some(one) = tries.next() else {
                failed.push(order);
                break;
            };
            let at = one % services.len();
            let (node, client) = &mut services[at];
            if read(world, *node, client, request.clone(), Duration::from_secs(5)).await.is_some() {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
    failed
}

fn services(world: &World) -> Vec<(Node, Queries)> {
    world.queries.iter().map(|(node, address)| (*node, Queries::new(channel(*address)))).collect()
}

async fn read(
    world: &World,
    node: Node,
    client: &mut Queries,
    request: GetOrderRequest,
    patience: Duration,
) -> Option<Order> {
    let order = Some(id(&request.name));
    let invoked = world.recorder.now();
    let answered = timeout(patience, client.get_order(request)).await;
    let returned = world.recorder.now();
    let answer = match &answered {
        Ok(Ok(response)) => Answer::Read(Seen::of(response.get_ref())),
        Ok(Err(status)) => refusal(status),
        Err(_) => gave_up(),
    };
    world.recorder.call(Call {
        kind: "GetOrder",
        request: None,
        twin: 0,
        order,
        node,
        invoked,
        returned,
        answer,
    });
    Some(answered.ok()?.ok()?.into_inner())
}
