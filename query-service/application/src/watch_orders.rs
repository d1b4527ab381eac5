//! Follows orders: those that there are, if wanted, and then each commit, once.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use shared_domain::{OrderId, TenantId, Timestamp};

use crate::{
    Commit, FeedPage, FeedPosition, Filter, FilteredOrder, Freshness, HistoryEntry, LiveError, LiveFeed,
    OrderFeed, PublishedOrder, ReadError,
};

/// After how much silence a watch says how far it has got.
const BOOKMARK_AFTER: Duration = Duration::from_secs(5);

/// What to follow, and from where on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchOrders {
    /// Which orders. A commit is told if the order matches after it or matched before.
    pub filter: Filter,
    /// Where to begin.
    pub begin: Begin,
    /// It has not caught up before all is told that is no newer than this.
    pub at_least: Option<Freshness>,
}

/// Where a watch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// With what happens next.
    Now,
    /// With the orders that there are.
    Orders,
    /// Where another one has got to.
    At(Place),
}

/// How far a watch has got. Whoever goes on from there misses nothing and is told nothing twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Among the orders that there were when the feed was complete below `horizon`, after one of them or before all.
    Orders {
        /// The transaction below which the feed was complete.
        horizon: u64,
        /// The last order that was dealt with.
        after: Option<OrderId>,
    },
    /// In the feed.
    Feed(FeedPosition),
}

impl Place {
    const fn transaction(self) -> u64 {
        match self {
            Self::Orders { horizon, .. } => horizon,
            Self::Feed(position) => position.transaction,
        }
    }
}

/// Something that a watch says, and how far it has got by saying it.
#[derive(Debug, Clone)]
pub struct Told {
    /// What it says.
    pub notice: Notice,
    /// Where to go on.
    pub place: Place,
}

/// What a watch says.
#[derive(Debug, Clone)]
pub enum Notice {
    /// There is an order, or something happened to one.
    Changed {
        /// The commit; none for an order that was there when the watch began.
        entry: Option<HistoryEntry>,
        /// The encoded order; none if it was deleted.
        published_state: Option<Bytes>,
        /// Whether it matches the filter now.
        matches: bool,
    },
    /// Nothing that it would tell happened.
    Bookmark {
        /// All that was committed until then was told; none if that is not known.
        time: Option<Timestamp>,
    },
    /// All that had happened when it began was told.
    CaughtUp,
}

/// Why a watch ends.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WatchError {
    /// The place to go on from is not in this feed.
    #[error("the place lies ahead of the feed")]
    UnknownPlace,
    /// What it is told is taken too slowly.
    #[error("the watch was told more than it took")]
    TooSlow,
    /// The feed cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Answers [`WatchOrders`].
#[derive(Debug, Clone)]
pub struct WatchOrdersHandler<F> {
    feed: Arc<F>,
    patience: Duration,
}

impl<F: OrderFeed> WatchOrdersHandler<F> {
    /// Follows `feed`. A watch that has fallen behind may take `patience` to catch up.
    pub fn new(feed: F, patience: Duration) -> Self {
        Self { feed: Arc::new(feed), patience }
    }

    /// Begins to follow the tenant's orders.
    ///
    /// # Errors
    /// [`WatchError`].
    pub async fn handle(&self, query: WatchOrders, tenant: TenantId) -> Result<Watch<F>, WatchError> {
        let bounds = self.feed.bounds().await?;
        let place = match query.begin {
            Begin::Now => Place::Feed(bounds.newest),
            Begin::Orders => Place::Orders { horizon: bounds.newest.transaction + 1, after: None },
            Begin::At(place) if bounds.is_primary && place.transaction() > bounds.end => {
                return Err(WatchError::UnknownPlace);
            }
            Begin::At(place) => place,
        };
        let demanded = query.at_least.map_or(0, |freshness| freshness.transaction.saturating_add(1));
        Ok(Watch {
            feed: Arc::clone(&self.feed),
            patience: self.patience,
            tenant,
            filter: query.filter,
            place,
            told_to: place,
            complete_below: 0,
            goal: Some(bounds.end.max(demanded)),
            live: None,
            behind_since: None,
            complete_until: None,
            telling: VecDeque::new(),
            told_at: Instant::now(),
        })
    }
}

/// A watch under way.
#[derive(Debug)]
pub struct Watch<F: OrderFeed> {
    feed: Arc<F>,
    patience: Duration,
    tenant: TenantId,
    filter: Filter,
    /// How far it has looked.
    place: Place,
    /// How far it has got by what it said last.
    told_to: Place,
    /// It has looked at the commits of all transactions below this one.
    complete_below: u64,
    /// Once that is so below this one it has caught up; none afterwards.
    goal: Option<u64>,
    /// The feed as it grows; none while it reads by itself what it has not seen yet.
    live: Option<F::Live>,
    /// Since when it has been behind, having been up to date before.
    behind_since: Option<Instant>,
    complete_until: Option<Timestamp>,
    telling: VecDeque<Told>,
    told_at: Instant,
}

impl<F: OrderFeed> Watch<F> {
    /// What there is to say next, as soon as there is something.
    ///
    /// # Errors
    /// [`WatchError`]; then it is over.
    pub async fn next(&mut self) -> Result<Told, WatchError> {
        loop {
            if let Some(told) = self.telling.pop_front() {
                self.told_at = Instant::now();
                self.told_to = told.place;
                return Ok(told);
            }
            match self.place {
                Place::Orders { horizon, after } => self.look_at_orders(horizon, after).await?,
                Place::Feed(_) if self.goal.take_if(|goal| self.complete_below >= *goal).is_some() => {
                    self.telling.push_back(Told { notice: Notice::CaughtUp, place: self.place });
                }
                Place::Feed(position) => self.follow(position).await?,
            }
        }
    }

    /// Lets go of everything but its place, for the time that nobody listens. What was not told is read again.
    ///
    /// A watch that has caught up has said so before it goes on: that is never let go of.
    pub fn rest(&mut self) {
        if !self.telling.is_empty() {
            self.telling.clear();
            (self.place, self.complete_below) = (self.told_to, 0);
        }
        self.complete_until = None;
        if self.live.take().is_some() {
            self.behind_since = Some(Instant::now());
        }
    }

    /// Tells of the next orders that there were.
    async fn look_at_orders(&mut self, horizon: u64, after: Option<OrderId>) -> Result<(), WatchError> {
        let page = self.feed.orders_as_of(&self.tenant, horizon, after).await?;
        for (order, PublishedOrder { published_state, filtered }) in page.orders {
            if self.matches(filtered.as_ref()) {
                let published_state = Some(published_state);
                let notice = Notice::Changed { entry: None, published_state, matches: true };
                self.telling.push_back(Told { notice, place: Place::Orders { horizon, after: Some(order) } });
            }
        }
        self.place = match page.next {
            Some(next) => Place::Orders { horizon, after: Some(next) },
            None => Place::Feed(FeedPosition::before(horizon)),
        };
        self.say_how_far();
        Ok(())
    }

    /// Tells of the next page of the feed.
    async fn follow(&mut self, position: FeedPosition) -> Result<(), WatchError> {
        let page = match &mut self.live {
            None => self.catch_up(position).await?,
            Some(live) => match live.next().await {
                Ok(page) if page.start <= position => page,
                // What lies in between it reads by itself.
                Ok(_) => {
                    self.live = None;
                    return Ok(());
                }
                Err(LiveError::Missed) => {
                    self.live = None;
                    self.behind_since.get_or_insert_with(Instant::now);
                    return Ok(());
                }
                Err(LiveError::Read(error)) => return Err(error.into()),
            },
        };
        for commit in page.commits.iter().filter(|commit| commit.position > position) {
            self.tell(commit);
        }
        self.place = Place::Feed(position.max(page.end));
        self.complete_below = self.complete_below.max(page.complete_below);
        self.complete_until = self.complete_until.max(page.complete_until);
        self.say_how_far();
        Ok(())
    }

    /// Reads by itself what comes after a place, and follows live after the last page.
    async fn catch_up(&mut self, position: FeedPosition) -> Result<Arc<FeedPage>, WatchError> {
        if self.behind_since.is_some_and(|since| since.elapsed() > self.patience) {
            return Err(WatchError::TooSlow);
        }
        // Before the page is read: what comes after it is not missed.
        let live = self.feed.live();
        let page = self.feed.read(position).await?;
        if page.is_last {
            self.live = Some(live);
            self.behind_since = None;
        }
        Ok(page)
    }

    fn tell(&mut self, commit: &Commit) {
        if commit.tenant != self.tenant {
            return;
        }
        let matches = commit.after.as_ref().is_some_and(|order| self.matches(order.filtered.as_ref()));
        let matched = || commit.before.as_ref().is_some_and(|order| self.filter.matches(order));
        if matches || matched() {
            let published_state = commit.after.as_ref().map(|order| order.published_state.clone());
            let notice = Notice::Changed { entry: Some(commit.entry.clone()), published_state, matches };
            self.telling.push_back(Told { notice, place: Place::Feed(commit.position) });
        }
    }

    /// An order that makes no sense is left to those who want all of them.
    fn matches(&self, order: Option<&FilteredOrder>) -> bool {
        order.map_or(self.filter.terms.is_empty(), |order| self.filter.matches(order))
    }

    /// Breaks a long silence.
    fn say_how_far(&mut self) {
        if self.telling.is_empty() && self.told_at.elapsed() >= BOOKMARK_AFTER {
            let notice = Notice::Bookmark { time: self.complete_until };
            self.telling.push_back(Told { notice, place: self.place });
        }
    }
}
