//! Twins: the same request from many callers at the same time.

use std::sync::Arc;

use fastrand::Rng;
use orders_proto::orders::v1::{AddOrderNoteRequest, NoteVisibility};
use tokio::task::JoinSet;

use super::{caller::Caller, world::World};
use crate::load::{self, Command};

/// How many callers send the same request.
const TWINS: u16 = 20;

/// The longest pause between two requests, in milliseconds.
const PAUSE: u64 = 150;

/// Sends requests twenty times at once until it is told to stop, and sees the last one through.
pub(crate) async fn twins(world: Arc<World>, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut caller = Caller::new(&world, rng.fork());
    while !world.stop.is_cancelled() {
        let known = world.order(&mut rng);
        let mut command = match &known {
            Some(order) => Command::Note(AddOrderNoteRequest {
                name: order.name.clone(),
                text: "One of twenty".to_owned(),
                visibility: NoteVisibility::Internal.into(),
                ..AddOrderNoteRequest::default()
            }),
            None => Command::Create(load::create_request(&mut rng)),
        };
        *command.request_id() = load::uuid(&mut rng).to_string();
        let mut twins = JoinSet::new();
        for twin in 0..TWINS {
            caller.rng = rng.fork();
            let (mut caller, command) = (Caller { twin, ..caller.clone() }, command.clone());
            let name = known.as_ref().map(|known| known.name.clone());
            twins.spawn(async move { caller.settle(command, name.as_deref()).await });
        }
        twins.join_all().await.into_iter().flatten().for_each(|order| world.saw(order));
        world.pause(&mut rng, PAUSE).await;
    }
}
