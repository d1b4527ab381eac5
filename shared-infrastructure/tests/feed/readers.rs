//! Those who read while others write.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Uuid as SqlUuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use shared_infrastructure::{
    database::{TransactionId, Xid8},
    feed::{FeedPosition, FeedRead, read},
};
use tokio::{
    sync::oneshot::{self, Receiver, Sender, error::TryRecvError},
    task::JoinHandle,
    time::sleep,
};
use uuid::Uuid;

/// An order, and the version that a commit made.
pub(crate) type Seen = (Uuid, i64);

const PAUSE: Duration = Duration::from_millis(5);

/// One who reads until told that nothing more is written.
pub(crate) struct Reader {
    no_more: Sender<()>,
    reading: JoinHandle<Vec<Seen>>,
}

impl Reader {
    /// Reads the feed.
    pub(crate) fn of_feed(url: &str) -> Self {
        let ((no_more, told), url) = (oneshot::channel(), url.to_owned());
        Self { no_more, reading: tokio::spawn(async move { read_feed(connect(&url).await, told).await }) }
    }

    /// Reads what has a higher position than what it has seen, as if commits appeared in the order of their positions.
    pub(crate) fn by_position(url: &str) -> Self {
        let ((no_more, told), url) = (oneshot::channel(), url.to_owned());
        Self {
            no_more,
            reading: tokio::spawn(async move { read_by_position(connect(&url).await, told).await }),
        }
    }

    /// All that it saw, after everything was written.
    pub(crate) async fn seen(self) -> Vec<Seen> {
        self.no_more.send(()).unwrap();
        self.reading.await.unwrap()
    }
}

async fn connect(url: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(url).await.unwrap()
}

/// Ends once the horizon is behind the last transaction.
async fn read_feed(mut connection: AsyncPgConnection, mut told: Receiver<()>) -> Vec<Seen> {
    let (mut seen, mut after, mut last) = (vec![], FeedPosition::START, None);
    let mut complete_below = TransactionId(0);
    while last.is_none_or(|last| complete_below <= last) {
        let wanted = FeedRead { after, limit: 100, with_previous_states: false };
        let page = read(&mut connection, wanted).await.unwrap();
        seen.extend(page.entries.iter().map(|entry| (entry.order, entry.version)));
        (after, complete_below) = (page.end, page.complete_below);
        if last.is_none() && told.try_recv() != Err(TryRecvError::Empty) {
            last = Some(transaction(&mut connection).await);
        }
        if page.is_last {
            sleep(PAUSE).await;
        }
    }
    seen
}

async fn transaction(connection: &mut AsyncPgConnection) -> TransactionId {
    diesel::select(diesel::dsl::sql::<Xid8>("pg_current_xact_id()")).get_result(connection).await.unwrap()
}

#[derive(QueryableByName)]
struct Commit {
    #[diesel(sql_type = SqlUuid)]
    order_id: Uuid,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

async fn read_by_position(mut connection: AsyncPgConnection, mut told: Receiver<()>) -> Vec<Seen> {
    let (mut seen, mut after) = (vec![], 0);
    loop {
        let all_is_written = told.try_recv() != Err(TryRecvError::Empty);
        let query =
            "SELECT order_id, version, position FROM order_history WHERE position > $1 ORDER BY position";
        let query = diesel::sql_query(query).bind::<BigInt, _>(after);
        let commits: Vec<Commit> = query.load(&mut connection).await.unwrap();
        seen.extend(commits.iter().map(|commit| (commit.order_id, commit.version)));
        after = commits.last().map_or(after, |commit| commit.position);
        if all_is_written {
            return seen;
        }
        sleep(PAUSE).await;
    }
}
