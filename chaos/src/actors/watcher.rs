//! Watches: what happens to all orders, followed through all breaks with resume tokens.

use std::{sync::Arc, time::Duration};

use orders_proto::orders::v1::{
    WatchOrdersRequest, WatchOrdersResponse, order_query_service_client::OrderQueryServiceClient,
    watch_orders_response::Message,
};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};
use tonic::{Status, Streaming};

use super::{
    caller::refusal,
    world::{World, channel},
};
use crate::{
    history::{Call, Told, digest, id},
    load::published,
};

/// How long a watch that is well may be silent.
const SILENCE: Duration = Duration::from_secs(15);
/// How long to wait before going on elsewhere.
const PAUSE: Duration = Duration::from_millis(50);

/// Follows everything until nothing is tried any more; says so once it has caught up for the first time.
pub(crate) async fn watch(world: Arc<World>, number: u8, caught_up: oneshot::Sender<()>) {
    let mut watcher =
        Watcher { world: Arc::clone(&world), number, token: String::new(), caught_up: Some(caught_up) };
    let following = async {
        for at in (usize::from(number)..).map(|turn| turn % world.queries.len()) {
            let invoked = world.recorder.now();
            if let Err(status) = watcher.follow(at).await {
                world.recorder.call(Call {
                    kind: "WatchOrders",
                    request: None,
                    twin: u16::from(number),
                    order: None,
                    node: world.queries[at].0,
                    invoked,
                    returned: world.recorder.now(),
                    answer: refusal(&status),
                });
            }
            sleep(PAUSE).await;
        }
    };
    world.give_up.run_until_cancelled(following).await;
}

struct Watcher {
    world: Arc<World>,
    number: u8,
    token: String,
    caught_up: Option<oneshot::Sender<()>>,
}

impl Watcher {
    async fn follow(&mut self, at: usize) -> Result<(), Status> {
        let mut client = OrderQueryServiceClient::new(channel(self.world.queries[at].1));
        let request =
            WatchOrdersRequest { resume_token: self.token.clone(), ..WatchOrdersRequest::default() };
        let late = |_| Status::deadline_exceeded("silence");
        let mut stream: Streaming<WatchOrdersResponse> =
            timeout(SILENCE, client.watch_orders(request)).await.map_err(late)??.into_inner();
        while let Some(response) = timeout(SILENCE, stream.message()).await.map_err(late)?? {
            self.take(response);
        }
        Ok(())
    }

    fn take(&mut self, response: WatchOrdersResponse) {
        match response.message {
            Some(Message::OrderChanged(change)) => {
                let entry = change.entry.unwrap_or_default();
                let state = change.order.as_ref().map(|order| digest(&published(order)));
                let (order, version) = (id(&entry.order), entry.version);
                self.world.recorder.told(Told { watch: self.number, order, version, state });
            }
            Some(Message::CaughtUp(_)) => {
                if let Some(caught_up) = self.caught_up.take() {
                    caught_up.send(()).ok();
                }
            }
            Some(Message::Bookmark(_)) | None => {}
        }
        // Only now is the message dealt with.
        self.token = response.resume_token;
    }
}
