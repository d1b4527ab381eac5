//! The feed: the commits of all orders, in an order in which those of one order keep theirs, complete up to wherever it was read.
//!
//! A commit's place is (transaction id, position). Transactions end in another order than they begin in, so a reader stays behind
//! the *horizon*: the oldest transaction under way when it looks. Nothing can appear below it any more. A transaction that writes,
//! in any database of the server, holds the horizon back for as long as it takes. The same holds on a standby, where the horizon
//! follows what was replayed.
//!
//! The horizon is no place to read on from: a server that crashed gives ids of transactions out again, of which nothing had reached
//! its disk, and commits appear below a horizon that was seen. What reached the disk for certain is a commit that was seen, so a
//! reader goes on behind the last of those.

mod statement;

use bytes::Bytes;
use diesel::{OptionalExtension, QueryResult};
use diesel_async::RunQueryDsl;
use shared_domain::Timestamp;
use uuid::Uuid;

use crate::database::{Connection, TransactionId};
use statement::{FeedRow, FeedStatement, NewestStatement};

/// A place in the feed: after a commit, or before all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedPosition {
    /// The transaction of the commit.
    pub transaction: TransactionId,
    /// The number of the commit; positions of commits start at 1.
    pub position: i64,
}

impl FeedPosition {
    /// Before the first commit.
    pub const START: Self = Self { transaction: TransactionId(0), position: 0 };
}

/// A commit, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Whose order.
    pub tenant: String,
    /// Which order.
    pub order: Uuid,
    /// The version that the commit made.
    pub version: i64,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// The number of the actor's kind in the contract.
    pub actor_kind: i16,
    /// Who did it.
    pub actor_subject: String,
    /// The caller's id of the request, if it had one.
    pub request: Option<Uuid>,
    /// The encoded `OrderHistoryEntry` that holds the events and nothing else.
    pub events: Bytes,
    /// The encoded order after the commit; none if the commit deleted it.
    pub published_state: Option<Bytes>,
    /// The encoded order before the commit; none if it is the first one, or was not asked for.
    pub previous_state: Option<Bytes>,
    /// The trace that the commit belongs to, as the W3C's `traceparent`.
    pub traceparent: Option<String>,
    /// Its place.
    pub position: FeedPosition,
}

/// A stretch of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPage {
    /// The commits, in the order of the feed.
    pub entries: Vec<FeedEntry>,
    /// Where to read on: behind the last commit.
    pub end: FeedPosition,
    /// Whoever has read all commits up to `end` has read those of all transactions below this one.
    pub complete_below: TransactionId,
    /// Whether there was nothing more to read behind the horizon.
    pub is_last: bool,
    /// When it was read; none on a standby, which does not know what is committed.
    pub look: Option<Look>,
}

/// A moment. Whoever has read all commits of transactions below `end` has read all that were made until `time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// No transaction from this one on was over.
    pub end: TransactionId,
    /// By the database's clock.
    pub time: Timestamp,
}

/// What to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedRead {
    /// Where to start.
    pub after: FeedPosition,
    /// Commits at most, at least 1.
    pub limit: i64,
    /// Whether the states before the commits are wanted too.
    pub with_previous_states: bool,
}

/// Reads the commits that come after a place, as far as the feed is complete, by one statement.
///
/// # Errors
/// Whatever PostgreSQL answers.
pub async fn read(connection: &mut Connection, wanted: FeedRead) -> QueryResult<FeedPage> {
    let rows: Vec<FeedRow> = FeedStatement(wanted).load(connection).await?;
    let horizon = rows.as_slice().first().map_or(TransactionId(0), |row| row.0);
    let look = rows.as_slice().first().and_then(|row| Some(Look { end: row.1, time: row.2? }));
    let entries: Vec<_> = rows.into_iter().filter_map(|(.., entry)| Some(entry?.into())).collect();
    let is_last = i64::try_from(entries.len()).is_ok_and(|entries| entries < wanted.limit);
    let end = entries.last().map_or(wanted.after, |entry: &FeedEntry| entry.position);
    // A standby may be behind the place that another database was read up to.
    let complete_below = if is_last { horizon.max(end.transaction) } else { end.transaction };
    Ok(FeedPage { entries, end, complete_below, is_last, look })
}

/// The place behind the last commit below a horizon that was seen.
///
/// # Errors
/// Whatever PostgreSQL answers.
pub async fn newest_below(connection: &mut Connection, horizon: TransactionId) -> QueryResult<FeedPosition> {
    let newest: Option<(TransactionId, i64)> =
        NewestStatement(horizon).get_result(connection).await.optional()?;
    Ok(newest.map_or(FeedPosition::START, |(transaction, position)| FeedPosition { transaction, position }))
}
