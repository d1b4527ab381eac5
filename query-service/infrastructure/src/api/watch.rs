//! WatchOrders: a task for each watch, and the stream that its caller reads.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, stream::unfold};
use orders_proto::{
    orders::v1::{Bookmark, CaughtUp, WatchOrdersRequest},
    servers::{OrderChanged, WatchOrdersResponse, watch_orders_response::Message},
};
use query_application::{Begin, Notice, OrderFeed, Told, Watch, WatchError, WatchOrders, WatchOrdersHandler};
use shared_domain::TenantId;
use shared_infrastructure::{
    errors::{ErrorReason, Failure},
    wire::timestamp,
};
use tokio::{
    sync::{
        OwnedSemaphorePermit, Semaphore,
        mpsc::{self, Permit},
    },
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{
    call::at_least,
    encode, filter,
    page_token::Binding,
    resume_token,
    status::{not_read, status},
    violations::Violations,
};

/// What callers read.
pub(super) type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchOrdersResponse, Status>> + Send>>;

/// Messages that wait for one caller: each watch that nobody reads keeps so many.
const WAITING: usize = 4;
/// After how long a watch whose caller takes nothing lets go of what it holds.
const REST_AFTER: Duration = Duration::from_secs(1);
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// How many may watch, and how slow they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchLimits {
    /// Watches at a time.
    pub watches: usize,
    /// How long a caller may leave a message waiting, or be behind.
    pub patience: Duration,
}

/// The watches of a process.
#[derive(Debug, Clone)]
pub(super) struct Watches<F> {
    handler: WatchOrdersHandler<F>,
    room: Arc<Semaphore>,
    patience: Duration,
    stopping: CancellationToken,
}

impl<F: OrderFeed + 'static> Watches<F> {
    /// Watches of `feed`, which end when `stopping` is cancelled.
    pub(super) fn new(feed: F, limits: WatchLimits, stopping: CancellationToken) -> Self {
        let handler = WatchOrdersHandler::new(feed, limits.patience);
        let room = Arc::new(Semaphore::new(limits.watches));
        Self { handler, room, patience: limits.patience, stopping }
    }

    /// Begins a watch.
    pub(super) async fn watch(
        &self,
        request: WatchOrdersRequest,
        tenant: TenantId,
    ) -> Result<WatchStream, Status> {
        let (query, binding) = decode(&request, &tenant)?;
        let permit = Arc::clone(&self.room).try_acquire_owned().map_err(|_| too_many())?;
        let watch = self.handler.handle(query, tenant).await.map_err(refusal)?;
        let (told, stream) = mpsc::channel(WAITING);
        let (ended, end) = tokio::sync::oneshot::channel();
        let task = WatchTask { watch, binding, told, patience: self.patience, _permit: permit };
        let stopping = self.stopping.clone();
        tokio::spawn(async move {
            // The caller may be gone: then nobody asks why it ended.
            ended.send(task.run(stopping).await).ok();
        });
        Ok(Box::pin(unfold((stream, Some(end)), |(mut stream, end)| async move {
            if let Some(message) = stream.recv().await {
                return Some((Ok(message), (stream, end)));
            }
            let status = end?.await.unwrap_or_else(|lost| Failure::internal(&lost).into_status());
            Some((Err(status), (stream, None)))
        })))
    }
}

/// One watch under way.
struct WatchTask<F: OrderFeed> {
    watch: Watch<F>,
    binding: Binding,
    told: mpsc::Sender<WatchOrdersResponse>,
    patience: Duration,
    _permit: OwnedSemaphorePermit,
}

impl<F: OrderFeed> WatchTask<F> {
    /// Tells the caller what there is to tell, until something ends it: that is the answer.
    async fn run(self, stopping: CancellationToken) -> Status {
        let Self { watch, binding, told, patience, _permit } = self;
        tokio::select! {
            status = tell(watch, &binding, &told, patience) => status,
            () = stopping.cancelled() => shutting_down(),
            () = told.closed() => left(),
        }
    }
}

async fn tell<F: OrderFeed>(
    mut watch: Watch<F>,
    binding: &Binding,
    told: &mpsc::Sender<WatchOrdersResponse>,
    patience: Duration,
) -> Status {
    loop {
        // As long as there is no room for more, nothing is read.
        let room = match room(&mut watch, told, patience).await {
            Ok(room) => room,
            Err(status) => return status,
        };
        match watch.next().await.map_err(refusal).and_then(|told| message(told, binding)) {
            Ok(message) => room.send(message),
            Err(status) => return status,
        }
    }
}

/// Waits until the caller has taken something. After a while the watch holds nothing for it any more but its place.
async fn room<'a, F: OrderFeed>(
    watch: &mut Watch<F>,
    told: &'a mpsc::Sender<WatchOrdersResponse>,
    patience: Duration,
) -> Result<Permit<'a, WatchOrdersResponse>, Status> {
    if let Ok(room) = told.try_reserve() {
        return Ok(room);
    }
    let rest_after = REST_AFTER.min(patience);
    if let Ok(room) = timeout(rest_after, told.reserve()).await {
        return room.map_err(|_| left());
    }
    watch.rest();
    match timeout(patience - rest_after, told.reserve()).await {
        Ok(room) => room.map_err(|_| left()),
        Err(_) => Err(refusal(WatchError::TooSlow)),
    }
}

/// The query, and what its resume tokens are bound to.
fn decode(request: &WatchOrdersRequest, tenant: &TenantId) -> Result<(WatchOrders, Binding), Status> {
    let mut violations = Violations::default();
    let filter = violations.check("filter", ErrorReason::InvalidFilter, filter::parse(&request.filter));
    let binding = Binding::new(&["WatchOrders", tenant.as_str(), &request.filter]);
    let begin = match request.resume_token.as_str() {
        "" if request.include_initial => Some(Begin::Orders),
        "" => Some(Begin::Now),
        token => {
            let place = resume_token::open(&binding, token)
                .ok_or("must be a resume_token of this service, as it was received, with the same filter");
            violations.check("resume_token", ErrorReason::InvalidResumeToken, place).map(Begin::At)
        }
    };
    let at_least = at_least(&request.consistency_token, &mut violations);
    let query = || Some(WatchOrders { filter: filter?, begin: begin?, at_least: at_least? });
    violations.or(query().map(|query| (query, binding)))
}

fn message(told: Told, binding: &Binding) -> Result<WatchOrdersResponse, Status> {
    let message = match told.notice {
        Notice::Changed { entry, published_state, matches } => {
            let entry = entry.map(encode::history_entry).transpose();
            let entry = entry.map_err(|error| status(error.into()))?;
            Message::OrderChanged(OrderChanged { entry, order: published_state.map(Into::into), matches })
        }
        Notice::Bookmark { time } => Message::Bookmark(Bookmark { time: time.map(timestamp) }),
        Notice::CaughtUp => Message::CaughtUp(CaughtUp {}),
    };
    Ok(WatchOrdersResponse { resume_token: resume_token::seal(binding, told.place), message: Some(message) })
}

fn refusal(error: WatchError) -> Status {
    match error {
        WatchError::UnknownPlace => {
            let message =
                "resume_token lies ahead of what this database has: begin anew, with include_initial";
            Failure::new(ErrorReason::ResumeTokenExpired, message).into_status()
        }
        WatchError::TooSlow => {
            let message = "messages were taken too slowly: resume from the last resume_token";
            Failure::new(ErrorReason::WatchLimit, message).retry_after(RETRY_DELAY).into_status()
        }
        WatchError::Read(error) => not_read(&error).into_status(),
    }
}

fn left() -> Status {
    Status::cancelled("the caller left")
}

fn too_many() -> Status {
    let message = "there are as many watches as this process takes on";
    Failure::new(ErrorReason::WatchLimit, message).retry_after(RETRY_DELAY).into_status()
}

fn shutting_down() -> Status {
    let message = "the service stops: resume from the last resume_token";
    Failure::new(ErrorReason::ShuttingDown, message).retry_after(RETRY_DELAY).into_status()
}
