//! What checkers look through: what the clients saw, what is stored, and what was published.

use std::collections::HashMap;

use orders_proto::orders::v1::OrderHistoryEntry;
use prost::Message;
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
