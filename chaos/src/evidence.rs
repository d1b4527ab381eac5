//! What checkers look through: what the clients saw, what is stored, and what was published.

use std::{
    collections::{HashMap, HashSet},
    error,
    time::{Duration, Instant},
};

use async_nats::jetstream::{self, consumer::pull::OrderedConfig};
use futures_util::StreamExt;
use orders_proto::orders::v1::OrderHistoryEntry;
use prost::Message;
use tokio::time::sleep;
use tokio_postgres::{Client, Error};

use crate::history::{Call, History, digest};

/// A row of the history of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The order.
    pub order: String,
    /// The version that it made.
    pub version: i64,
    /// The request that it answers.
    pub request: Option<String>,
    /// What stands for the published state; none if the order was deleted.
    pub state: Option<u64>,
    /// How many events it has.
    pub events: usize,
}

/// An event of the stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// The order.
    pub order: String,
    /// The version that its commit made.
    pub version: i64,
    /// Its number in the commit, from 0.
    pub index: usize,
}

/// All of it, at the end.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What the clients saw.
    pub history: History,
    /// What is stored, in the order of the feed.
    pub commits: Vec<Commit>,
    /// What was published, in the order in which the stream has it.
    pub published: Vec<Event>,
    /// How many watches there were, numbered from 0.
    pub watches: u8,
}

impl Evidence {
    /// The calls of each request.
    #[must_use]
    pub fn requests(&self) -> HashMap<&str, Vec<&Call>> {
        let mut requests: HashMap<&str, Vec<&Call>> = HashMap::new();
        for call in &self.history.calls {
            if let Some(request) = &call.request {
                requests.entry(request).or_default().push(call);
            }
        }
        requests
    }
}

/// All commits, in the order of the feed.
///
/// # Errors
/// If the database cannot be asked.
pub async fn commits(sql: &Client) -> Result<Vec<Commit>, Error> {
    let rows = "SELECT order_id::text, version, request_id::text, published_state, events FROM order_history
        ORDER BY xid, position";
    let rows = sql.query(rows, &[]).await?;
    let commits = rows.iter().map(|row| {
        let events = OrderHistoryEntry::decode(row.get::<_, &[u8]>(4)).map_or(0, |entry| entry.events.len());
        Commit {
            order: row.get(0),
            version: row.get(1),
            request: row.get(2),
            state: row.get::<_, Option<&[u8]>>(3).map(digest),
            events,
        }
    });
    Ok(commits.collect())
}

/// Why the stream cannot be read.
pub(crate) type StreamError = Box<dyn error::Error + Send + Sync>;

/// All events of the stream, once it has those of these commits; as it is when that takes too long.
pub(crate) async fn published(
    nats_url: &str,
    commits: &[Commit],
    patience: Duration,
) -> Result<Vec<Event>, StreamError> {
    let expected: usize = commits.iter().map(|commit| commit.events).sum();
    let jetstream = jetstream::new(async_nats::connect(nats_url).await?);
    let begin = Instant::now();
    loop {
        let events = stream(&jetstream).await;
        let arrived = events.as_ref().map_or(0, |events| events.iter().collect::<HashSet<_>>().len());
        if arrived >= expected || begin.elapsed() > patience {
            return events;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Everything that the stream has.
async fn stream(jetstream: &jetstream::Context) -> Result<Vec<Event>, StreamError> {
    let stream = jetstream.get_stream("orders").await?;
    let count = stream.cached_info().state.messages;
    let messages = stream.create_consumer(OrderedConfig::default()).await?.messages().await?;
    let mut messages = messages.take(usize::try_from(count)?);
    let mut events = Vec::new();
    while let Some(message) = messages.next().await {
        let message = message?;
        let id = message.headers.as_ref().and_then(|headers| headers.get("ce-id"));
        events.push(event(id.map(|id| id.as_str()).unwrap_or_default()).ok_or("an event without an id")?);
    }
    Ok(events)
}

/// Reads `ORDER:VERSION:INDEX`.
fn event(id: &str) -> Option<Event> {
    let mut parts = id.split(':');
    let order = parts.next()?.to_owned();
    Some(Event { order, version: parts.next()?.parse().ok()?, index: parts.next()?.parse().ok()? })
}
