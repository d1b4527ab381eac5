//! The relay's story: while it leads, it reads a page of the feed, publishes it, and moves the cursor behind it.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    time::Duration,
};

use command_application::EventPublisher;
use diesel::QueryResult;
use futures_util::{FutureExt as _, TryStreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use shared_infrastructure::{
    database::{self, Connection, Pool},
    feed::{self, FeedEntry, FeedPosition, FeedRead},
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    cursor,
    lane::{Halt, Lane},
    lease::{Lease, Term},
    outage::Outage,
    parking::{self, OrderKey, ParkedOrder},
    replay,
};
use crate::failpoints;

/// The most commits of a page; those of different orders are published at the same time.
const PAGE: i64 = 256;
/// How long events under way may take to be acknowledged once the relay was told to stop.
const LEAVING: Duration = Duration::from_secs(2);
/// How often to look whether somebody asked for a replay.
const REPLAYS: Duration = Duration::from_secs(1);
/// How long to wait before leading again after that went wrong.
const PAUSE: Duration = Duration::from_millis(200);

/// How the relay works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelaySettings {
    /// How long a leader may be silent before another takes over.
    pub lease: Duration,
    /// How long to wait before looking again where there was nothing to publish.
    pub poll_interval: Duration,
    /// How long to wait for the answer to a statement.
    pub patience: Duration,
}

/// Publishes everything that happens to orders, for as long as it leads. Any number of relays may run.
pub struct Relay<P> {
    pool: Pool,
    publisher: P,
    settings: RelaySettings,
    lease: Lease,
    database: Outage,
    broker: Outage,
}

impl<P: EventPublisher> Relay<P> {
    /// Connections that it needs: one for its lease, one for all else.
    pub const CONNECTIONS: u16 = 2;

    /// A relay from the database of `pool`, which nobody else uses, to `publisher`.
    #[must_use]
    pub fn new(pool: Pool, publisher: P, settings: RelaySettings) -> Self {
        let lease = Lease::new(pool.clone(), settings.lease);
        let (database, broker) = (Outage::of("the database"), Outage::of("the broker"));
        Self { pool, publisher, settings, lease, database, broker }
    }

    /// Leads whenever no other relay does, until it is told to stop. Then it lets what is under way be acknowledged, for a few
    /// seconds at most, and gives the lead back.
    pub async fn run(self, stop: CancellationToken) {
        while let Some(term) = self.lease.take(&self.database, &stop).await {
            tracing::info!("the relay leads");
            let Err(halt) = self.lead(&term, &stop).await;
            term.give_back().await;
            match halt {
                Halt::Stopped => break,
                Halt::LeaseLost => {
                    tracing::warn!("the relay leads no more: its lease was not renewed in time")
                }
                Halt::CursorMoved => tracing::info!("the relay begins again where its cursor was put"),
                Halt::Database(error) => self.database.goes_on(&error),
            }
            stop.run_until_cancelled(sleep(PAUSE)).await;
        }
    }

    async fn lead(&self, term: &Term, stop: &CancellationToken) -> Result<Infallible, Halt> {
        let lane = Lane { publisher: &self.publisher, broker: &self.broker, term, stop };
        let mut cursor = self.cursor().await?;
        let parked = self.query(|connection| parking::load(connection).boxed()).await?;
        let mut parked: HashSet<_> = parked.iter().map(ParkedOrder::key).collect();
        let mut look_for_replays = Instant::now();
        loop {
            if stop.is_cancelled() {
                return Err(Halt::Stopped);
            }
            if Instant::now() >= look_for_replays {
                if self.cursor().await? != cursor {
                    return Err(moved_by_others(term));
                }
                self.replay_asked(&lane, &mut parked, cursor).await?;
                look_for_replays = Instant::now() + REPLAYS;
            }
            let wanted = FeedRead { after: cursor, limit: PAGE, with_previous_states: false };
            let page = self.query(move |connection| feed::read(connection, wanted).boxed()).await?;
            if !page.entries.is_empty() {
                for order in self.publish(&lane, page.entries, &parked).await? {
                    self.park(term, &order).await?;
                    parked.insert(order.key());
                }
                failpoints::pass(failpoints::PAGE_PUBLISHED);
                self.advance(term, (cursor, page.end)).await?;
                cursor = page.end;
            }
            if page.is_last {
                tokio::select! {
                    () = sleep(self.settings.poll_interval) => {}
                    () = stop.cancelled() => {}
                    () = term.over() => return Err(Halt::LeaseLost),
                }
            }
        }
    }

    async fn cursor(&self) -> Result<FeedPosition, Halt> {
        self.query(|connection| cursor::read(connection).boxed()).await
    }

    async fn advance(&self, term: &Term, way: (FeedPosition, FeedPosition)) -> Result<(), Halt> {
        let holder = term.holder();
        let advanced = self.query(move |connection| cursor::advance(connection, holder, way).boxed()).await?;
        match advanced {
            true => Ok(()),
            false if self.cursor().await? == way.0 => Err(Halt::LeaseLost),
            false => Err(moved_by_others(term)),
        }
    }

    /// Publishes a page but for what is of parked orders; answers with the orders that have to be parked now.
    async fn publish(
        &self,
        lane: &Lane<'_, P>,
        page: Vec<FeedEntry>,
        parked: &HashSet<OrderKey>,
    ) -> Result<Vec<ParkedOrder>, Halt> {
        let mut orders: HashMap<OrderKey, Vec<FeedEntry>> = HashMap::new();
        for commit in page {
            orders.entry((commit.tenant.clone(), commit.order)).or_default().push(commit);
        }
        orders.retain(|order, _| !parked.contains(order));
        let lanes = orders.into_values().map(|commits| async move { lane.publish(&commits, 0).await });
        let publishing = lanes.collect::<FuturesUnordered<_>>().try_collect::<Vec<_>>();
        tokio::select! {
            to_park = publishing => Ok(to_park?.into_iter().flatten().collect()),
            () = async { lane.stop.cancelled().await; sleep(LEAVING).await } => Err(Halt::Stopped),
        }
    }

    /// Publishes what the parked orders that somebody asked for have held back, up to the cursor.
    async fn replay_asked(
        &self,
        lane: &Lane<'_, P>,
        parked: &mut HashSet<OrderKey>,
        end: FeedPosition,
    ) -> Result<(), Halt> {
        for order in self.query(|connection| parking::load_asked(connection).boxed()).await? {
            let key = order.key();
            match self.replay(lane, order, end).await? {
                Some(again) => self.park(lane.term, &again).await?,
                None => {
                    tracing::info!(tenant = %key.0, order = %key.1, "the events of a parked order are published");
                    let (holder, unparked) = (lane.term.holder(), key.clone());
                    self.guarded(move |connection| {
                        let key = unparked.clone();
                        async move { parking::unpark(connection, holder, &key).await }.boxed()
                    })
                    .await?;
                    parked.remove(&key);
                }
            }
        }
        Ok(())
    }

    /// Publishes what one parked order has held back: where it has to wait again, if it has to.
    async fn replay(
        &self,
        lane: &Lane<'_, P>,
        parked: ParkedOrder,
        end: FeedPosition,
    ) -> Result<Option<ParkedOrder>, Halt> {
        let mut first_event = u32::try_from(parked.event_index).unwrap_or_default();
        let mut rest =
            replay::Rest { tenant: parked.tenant_id, order: parked.order_id, from: parked.version, end };
        loop {
            let wanted = rest.clone();
            let commits = self.query(move |connection| {
                let wanted = wanted.clone();
                async move { replay::read(connection, &wanted, PAGE).await }.boxed()
            });
            let commits = commits.await?;
            let Some(last) = commits.last() else { return Ok(None) };
            rest.from = last.version + 1;
            let to_park = lane.publish(&commits, first_event).await?;
            if to_park.is_some() {
                return Ok(to_park);
            }
            first_event = 0;
        }
    }

    async fn park(&self, term: &Term, order: &ParkedOrder) -> Result<(), Halt> {
        let ParkedOrder { tenant_id, order_id, version, reason, .. } = order;
        tracing::error!(tenant = %tenant_id, order = %order_id, version, %reason, "an order's events are parked");
        let (holder, order) = (term.holder(), order.clone());
        self.guarded(move |connection| {
            let order = order.clone();
            async move { parking::park(connection, holder, &order).await }.boxed()
        })
        .await
    }

    async fn query<T>(
        &self,
        work: impl for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
    ) -> Result<T, Halt> {
        database::run(&self.pool, self.settings.patience, work).await.map_err(Halt::Database)
    }

    /// Runs a statement that has an effect only while the lease is held.
    async fn guarded(
        &self,
        work: impl for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<bool>>,
    ) -> Result<(), Halt> {
        if self.query(work).await? { Ok(()) } else { Err(Halt::LeaseLost) }
    }
}

/// Why the cursor is not where this relay left it: another leads, or somebody wants something published again.
fn moved_by_others(term: &Term) -> Halt {
    if term.is_held() { Halt::CursorMoved } else { Halt::LeaseLost }
}
