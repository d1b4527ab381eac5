//! The tenant who tries whatever can be tried.

use std::collections::BTreeSet;

use orders_proto::orders::v1::{CreateOrderRequest, Order};
use prost::{Message, bytes::Bytes};
use tonic::{Code, Status, transport::Channel};

use super::{SECRET, of_tenant};
use crate::support::{Commands, Queries, System, cart, channel, raw_request, reason, request_id};

/// Reasons of INVALID_ARGUMENT that say that a token is another's.
const NOT_YOUR_TOKEN: [&str; 2] = ["PAGE_TOKEN_MISMATCH", "INVALID_RESUME_TOKEN"];

/// The tenant `globex`, with an order of its own.
pub(super) struct Stranger {
    pub(super) commands: Commands,
    pub(super) queries: Queries,
    command_channel: Channel,
    query_channel: Channel,
    pub(super) own: Order,
    /// The rpcs that were called.
    pub(super) tried: BTreeSet<String>,
    pub(super) refused: u32,
    pub(super) answered: u32,
}

impl Stranger {
    pub(super) async fn arrive(system: &System) -> Self {
        let mut commands = system.commands().await;
        let (order, request_id) = (Some(cart()), request_id());
        let request = CreateOrderRequest { order, place: true, request_id, ..Default::default() };
        let own = commands.create_order(of_tenant("globex", request)).await.unwrap().into_inner();
        Self {
            commands,
            queries: system.queries().await,
            command_channel: channel(system.command_address()).await,
            query_channel: channel(system.query_address()).await,
            own,
            tried: BTreeSet::new(),
            refused: 0,
            answered: 0,
        }
    }

    /// Makes a call that must be refused, or answered with nothing of the other tenant.
    pub(super) async fn call<M: Message + Clone + 'static>(
        &mut self,
        method: &'static str,
        request: &M,
    ) -> Result<Bytes, Status> {
        let channel = if method.contains("Command") { &self.command_channel } else { &self.query_channel };
        let answer = raw_request(channel, method, of_tenant("globex", request.clone())).await;
        match &answer {
            Ok(bytes) => self.note_answer(method, bytes),
            Err(status) => self.note_refusal(method, status),
        }
        answer
    }

    /// Makes a call that must be refused.
    pub(super) async fn refused<M: Message + Clone + 'static>(&mut self, method: &'static str, request: &M) {
        let answer = self.call(method, request).await;
        assert!(answer.is_err(), "{method} should have been refused");
    }

    pub(super) fn note_answer(&mut self, method: &str, bytes: &[u8]) {
        let secret = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!secret, "{method} tells of another tenant's order");
        self.tried.insert(method.to_owned());
        self.answered += 1;
    }

    pub(super) fn note_refusal(&mut self, method: &str, status: &Status) {
        let nothing = matches!(status.code(), Code::NotFound | Code::PermissionDenied)
            || NOT_YOUR_TOKEN.contains(&reason(status).as_str());
        assert!(nothing, "{method}: {status:?}");
        let text = format!("{} {}", status.message(), String::from_utf8_lossy(status.details()));
        assert!(!text.contains(SECRET) && !text.contains("acme"), "{method}: {status:?}");
        self.tried.insert(method.to_owned());
        self.refused += 1;
    }
}
