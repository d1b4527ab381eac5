//! The feed of PostgreSQL, for watches. One task reads what is new, once, for all of them; what a watch has not seen yet it reads by
//! itself.

mod complete;
mod decode;
mod live;
mod orders_as_of;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use diesel_async::RunQueryDsl;
use futures_util::{FutureExt, future::BoxFuture};
use query_application::{FeedBounds, FeedPage, FeedPosition, OrderFeed, OrdersAsOf, ReadError};
use shared_domain::{OrderId, TenantId};
use shared_infrastructure::{
    database::{Connection, TransactionId, run_while_awaited},
    feed::{self, FeedRead, Look},
};
use tokio::{
    sync::{Notify, Semaphore, SemaphorePermit, broadcast},
    time::{Instant, sleep},
};

use super::{
    databases::{Chosen, Databases},
    read_error,
    snapshot::Snapshot,
};
use live::{Live, Page};
use orders_as_of::{OrderRow, OrdersAsOfStatement};

/// Commits in a page that is read once, for all who are up to date.
const PAGE_COMMITS: i64 = 128;
/// Commits in a page of a watch that reads by itself, which holds on to it until its caller has taken what it is told, or for a second.
const OWN_PAGE_COMMITS: i64 = 32;
/// Orders in a page of those that there were, which it holds on to as well.
const PAGE_ORDERS: usize = 20;
/// Pages that are kept for those who are not there yet.
const PAGES_KEPT: usize = 64;
/// Watches that read by themselves at the same time.
const READERS: usize = 4;
/// How long to wait for a database that is behind a place that another one was at.
const LAG_LIMIT: Duration = Duration::from_secs(10);
const LAG_PAUSE: Duration = Duration::from_millis(50);

/// The feed of a database. Clones share its reader.
#[derive(Clone)]
pub struct PostgresOrderFeed {
    databases: Databases,
    /// The one that is read from until it fails. Positions are the same in all of them.
    chosen: Arc<Mutex<Chosen>>,
    patience: Duration,
    readers: Arc<Semaphore>,
    pages: broadcast::Sender<Page>,
    /// Somebody follows.
    followed: Arc<Notify>,
}

impl fmt::Debug for PostgresOrderFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOrderFeed").finish_non_exhaustive()
    }
}

impl PostgresOrderFeed {
    /// Reads from one of the databases, where a statement that is not answered within `patience` is given up, and looks for new
    /// commits every `poll_interval` while anybody follows.
    #[must_use]
    pub fn start(databases: Databases, patience: Duration, poll_interval: Duration) -> Self {
        let (pages, _) = broadcast::channel(PAGES_KEPT);
        let readers = Arc::new(Semaphore::new(READERS));
        let chosen = Arc::new(Mutex::new(databases.choose()));
        let feed = Self { databases, chosen, patience, readers, pages, followed: Arc::default() };
        tokio::spawn(live::read(feed.clone(), poll_interval));
        feed
    }

    /// Waits until one more may read by itself.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, ReadError> {
        self.readers.acquire().await.map_err(|closed| ReadError::Failed(Arc::new(closed)))
    }

    /// The page after a place, and when it was read.
    async fn page(&self, after: FeedPosition, limit: i64) -> Result<(FeedPage, Option<Look>), ReadError> {
        let wanted = FeedRead {
            after: feed::FeedPosition {
                transaction: TransactionId(after.transaction),
                position: after.position,
            },
            limit,
            with_previous_states: true,
        };
        let page = self.run(move |connection| feed::read(connection, wanted).boxed()).await?;
        let look = page.look;
        Ok((decode::page(after, page)?, look))
    }

    async fn run<T, F>(&self, work: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, diesel::QueryResult<T>> + Send + Sync + 'static,
    {
        let chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let result = run_while_awaited(chosen.pool(), self.patience, work).await.map_err(read_error::of);
        if matches!(result, Err(ReadError::Unavailable(_))) {
            chosen.failed();
            *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = self.databases.choose();
        }
        result
    }
}

impl OrderFeed for PostgresOrderFeed {
    type Live = Live;

    async fn bounds(&self) -> Result<FeedBounds, ReadError> {
        let looking = self.run(|connection| {
            async move {
                let snapshot = Snapshot::take(connection).await?;
                let newest = feed::newest_below(connection, TransactionId(snapshot.horizon)).await?;
                Ok((snapshot, newest))
            }
            .boxed()
        });
        let (snapshot, newest) = looking.await?;
        let newest = decode::position(newest);
        Ok(FeedBounds { newest, end: snapshot.newest() + 1, is_primary: !snapshot.is_standby })
    }

    async fn read(&self, after: FeedPosition) -> Result<Arc<FeedPage>, ReadError> {
        let _turn = self.turn().await?;
        Ok(Arc::new(self.page(after, OWN_PAGE_COMMITS).await?.0))
    }

    async fn orders_as_of(
        &self,
        tenant: &TenantId,
        horizon: u64,
        after: Option<OrderId>,
    ) -> Result<OrdersAsOf, ReadError> {
        let statement = OrdersAsOfStatement {
            tenant: tenant.as_str().to_owned(),
            after: after.map_or_else(uuid::Uuid::nil, OrderId::uuid),
            horizon: TransactionId(horizon),
            limit: i64::try_from(PAGE_ORDERS).unwrap_or(i64::MAX),
        };
        let give_up = Instant::now() + LAG_LIMIT;
        loop {
            let statement = statement.clone();
            let turn = self.turn().await?;
            let reading = self.run(move |connection| statement.clone().load(connection).boxed());
            let rows: Vec<OrderRow> = reading.await?;
            drop(turn);
            if rows.as_slice().first().is_some_and(|row| row.0.0 >= horizon) {
                return Ok(decode::orders_as_of(rows, PAGE_ORDERS));
            }
            if Instant::now() > give_up {
                return Err(ReadError::Lagging);
            }
            sleep(LAG_PAUSE).await;
        }
    }

    fn live(&self) -> Live {
        let live = Live(self.pages.subscribe());
        self.followed.notify_one();
        live
    }
}
