//! One command, sent until there is a definite answer: whatever is unknown is asked again, with the same request id, of whichever
//! service.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;
use orders_proto::orders::v1::Order;
use tokio::time::{error::Elapsed, sleep, timeout};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

use super::world::World;
use crate::{
    history::{Answer, Call, Seen, id},
    load::{Client, Command},
    plan::Node,
};

/// What tells that something was committed.
const TOKEN: &str = "order-consistency-token";
/// The longest pause before a command is sent again, in milliseconds.
const LONGEST_PAUSE: u64 = 600;

/// Sends commands, on connections of its own.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) world: Arc<World>,
    pub(crate) clients: Vec<(Node, Client)>,
    pub(crate) rng: Rng,
    /// Which of the callers with the same request.
    pub(crate) twin: u16,
}

impl Caller {
    pub(crate) fn new(world: &Arc<World>, rng: Rng) -> Self {
        Self { world: Arc::clone(world), clients: world.clients(), rng, twin: 0 }
    }

    /// Sends a command, about this order if there is one, until it is answered or nobody tries any more: the order, if the
    /// answer has one.
    pub(crate) async fn settle(&mut self, mut command: Command, order: Option<&str>) -> Option<Order> {
        let request = command.request_id().clone();
        let kind = command.name();
        let mut longest_pause = 20;
        loop {
            let at = self.rng.usize(..self.clients.len());
            let (node, client) = &mut self.clients[at];
            let patience = patience(&mut self.rng);
            let invoked = self.world.recorder.now();
            let answered = timeout(patience, command.clone().send(client)).await;
            let returned = self.world.recorder.now();
            let answer = meaning(&answered, order);
            let is_definite = !matches!(answer, Answer::Unknown { .. });
            self.world.recorder.call(Call {
                kind,
                request: Some(request.clone()),
                twin: self.twin,
                order: order.map(id),
                node: *node,
                invoked,
                returned,
                answer,
            });
            if is_definite {
                return answered.ok()?.ok()?.into_inner();
            }
            if self.world.give_up.is_cancelled() {
                return None;
            }
            sleep(Duration::from_millis(self.rng.u64(5..=longest_pause))).await;
            longest_pause = (longest_pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// How long to wait for an answer: often too short.
pub(super) fn patience(rng: &mut Rng) -> Duration {
    Duration::from_millis(if rng.u8(..8) == 0 { rng.u64(1..100) } else { rng.u64(500..4_000) })
}

fn meaning(
    answered: &Result<Result<Response<Option<Order>>, Status>, Elapsed>,
    order: Option<&str>,
) -> Answer {
    match answered {
        Ok(Ok(response)) => match (response.get_ref(), order) {
            (Some(order), _) if response.metadata().contains_key(TOKEN) => Answer::Committed(Seen::of(order)),
            (Some(order), _) => Answer::Read(Seen::of(order)),
            (None, order) => Answer::Deleted { order: order.map(id).unwrap_or_default() },
        },
        Ok(Err(status)) => refusal(status),
        Err(_) => gave_up(),
    }
}

/// What it means that the caller did not wait any longer.
pub(super) fn gave_up() -> Answer {
    Answer::Unknown { code: "gave up".to_owned(), reason: String::new(), message: String::new() }
}

/// What a status means: a definite refusal, or nothing that can be relied on.
pub(super) fn refusal(status: &Status) -> Answer {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let definite = matches!(
        status.code(),
        Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::PermissionDenied
    );
    if definite && !reason.is_empty() {
        return Answer::Refused { reason };
    }
    Answer::Unknown { code: format!("{:?}", status.code()), reason, message: status.message().to_owned() }
}
