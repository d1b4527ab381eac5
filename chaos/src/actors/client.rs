//! A client: one command after the other, on orders that others are at too.

use std::sync::Arc;

use fastrand::Rng;
use orders_proto::orders::v1::OrderState;

use super::{caller::Caller, world::World};
use crate::load::{self, Command};

/// The longest pause between two commands, in milliseconds.
const PAUSE: u64 = 40;

/// Sends commands until it is told to stop, and sees the last one through.
pub(crate) async fn client(world: Arc<World>, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut caller = Caller::new(&world, rng.fork());
    while !world.stop.is_cancelled() {
        let known = world.order(&mut rng);
        let mut command = match &known {
            Some(order) => load::command(&mut rng, order),
            None => Command::Create(load::create_request(&mut rng)),
        };
        *command.request_id() = load::uuid(&mut rng).to_string();
        if let (Some(etag), Some(known), 0) = (command.etag(), &known, rng.u8(..10)) {
            *etag = format!("W/\"{}\"", known.version);
        }
        let name = known.as_ref().map(|known| known.name.as_str());
        let deletes = matches!(command, Command::Delete(_));
        match (caller.settle(command, name).await, name) {
            (Some(order), Some(name)) if is_over(order.state()) && rng.u8(..3) == 0 => {
                world.saw(order);
                world.forget(name);
            }
            (Some(order), _) => world.saw(order),
            (None, Some(name)) if deletes => world.forget(name),
            (None, _) => {}
        }
        world.pause(&mut rng, PAUSE).await;
    }
}

fn is_over(state: OrderState) -> bool {
    matches!(state, OrderState::Completed | OrderState::Cancelled)
}
