//! The one reader of what is new, and those who follow it.

use std::{sync::Arc, time::Duration};

use query_application::{FeedPage, FeedPosition, LiveError, LiveFeed, OrderFeed, ReadError};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep},
};

use super::{PAGE_COMMITS, PAGES_KEPT, PostgresOrderFeed, complete::Complete};
use shared_infrastructure::feed::Look;

/// How long a page without commits may keep those waiting who want to say how far they are.
const EMPTY_PAGE_AFTER: Duration = Duration::from_secs(1);
/// How long the database may be out of reach before those who follow are told.
const OUTAGE_PATIENCE: Duration = Duration::from_secs(10);

/// How long those who are slow may hold up the others when there is much to read.
const WAY_TIMEOUT: Duration = Duration::from_millis(200);
const WAY_PAUSE: Duration = Duration::from_millis(2);

/// What those who follow get.
pub(super) type Page = Result<Arc<FeedPage>, ReadError>;

/// One who follows.
#[derive(Debug)]
pub struct Live(pub(super) Receiver<Page>);

impl LiveFeed for Live {
    async fn next(&mut self) -> Result<Arc<FeedPage>, LiveError> {
        match self.0.recv().await {
            Ok(page) => Ok(page?),
            Err(RecvError::Lagged(_)) => Err(LiveError::Missed),
            Err(closed @ RecvError::Closed) => Err(ReadError::Failed(Arc::new(closed)).into()),
        }
    }
}

/// Reads what is new as long as anybody follows, and else waits for somebody.
pub(super) async fn read(feed: PostgresOrderFeed, poll_interval: Duration) {
    loop {
        feed.followed.notified().await;
        let (mut read_to, mut told_to, mut complete) = (None, None, Complete::default());
        let mut outage: Option<Instant> = None;
        let mut sent_at = Instant::now();
        while feed.pages.receiver_count() > 0 {
            match next_page(&feed, read_to).await {
                Ok((page, look)) => {
                    outage = None;
                    read_to = Some(page.end);
                    // Who follows is where the last page that was sent ended, whatever was read since.
                    let start = *told_to.get_or_insert(page.start);
                    let (is_last, complete_until) = (page.is_last, complete.read(page.complete_below, look));
                    if !page.commits.is_empty() || sent_at.elapsed() >= EMPTY_PAGE_AFTER {
                        sent_at = Instant::now();
                        told_to = read_to;
                        // If nobody follows any more, nobody misses it.
                        feed.pages.send(Ok(Arc::new(FeedPage { start, complete_until, ..page }))).ok();
                    }
                    if !is_last {
                        make_way(&feed).await;
                        continue;
                    }
                }
                Err(error) => {
                    if outage.is_none() {
                        tracing::warn!(%error, "the feed cannot be read");
                    }
                    if outage.get_or_insert_with(Instant::now).elapsed() >= OUTAGE_PATIENCE {
                        feed.pages.send(Err(error)).ok();
                    }
                }
            }
            sleep(poll_interval).await;
        }
    }
}

/// Lets those take their pages who can. Without that, a burst of commits would have all of them miss pages and read them by themselves.
async fn make_way(feed: &PostgresOrderFeed) {
    let give_up = Instant::now() + WAY_TIMEOUT;
    while feed.pages.len() > PAGES_KEPT / 2 && Instant::now() < give_up {
        sleep(WAY_PAUSE).await;
    }
}

/// The next page; one that begins where the feed ends now if there was none before.
async fn next_page(
    feed: &PostgresOrderFeed,
    position: Option<FeedPosition>,
) -> Result<(FeedPage, Option<Look>), ReadError> {
    let after = match position {
        Some(position) => position,
        None => feed.bounds().await?.newest,
    };
    feed.page(after, PAGE_COMMITS).await
}
