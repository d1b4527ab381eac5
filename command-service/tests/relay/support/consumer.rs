//! Whoever consumes the events: reads the stream, and knows an event again that it has seen.

use std::collections::{BTreeMap, HashSet};

use async_nats::{
    ConnectOptions,
    jetstream::{self, Context, stream::Stream},
};
use futures_util::StreamExt;
use local_stack::NatsServer;
use uuid::Uuid;

use super::{Sql, eventually};

/// A connection to a NATS server.
pub(crate) struct Consumer {
    jetstream: Context,
}

impl Consumer {
    pub(crate) async fn of(nats: &NatsServer) -> Self {
        Self::connect(ConnectOptions::new(), &nats.url()).await
    }

    pub(crate) async fn connect(options: ConnectOptions, url: &str) -> Self {
        Self { jetstream: jetstream::new(options.connect(url).await.unwrap()) }
    }

    pub(crate) fn jetstream(&self) -> &Context {
        &self.jetstream
    }

    pub(crate) async fn stream(&self) -> Option<Stream> {
        self.jetstream.get_stream("orders").await.ok()
    }

    /// How many messages the stream has.
    pub(crate) async fn count(&self) -> u64 {
        self.stream().await.map_or(0, |stream| stream.cached_info().state.messages)
    }

    /// All messages of the stream.
    pub(crate) async fn messages(&self) -> Vec<jetstream::Message> {
        let Some(stream) = self.stream().await else { return vec![] };
        let count = stream.cached_info().state.messages;
        let config = jetstream::consumer::pull::OrderedConfig::default();
        let consumer = stream.create_consumer(config).await.unwrap();
        let messages = consumer.messages().await.unwrap();
        messages.take(count as usize).map(Result::unwrap).collect().await
    }

    /// Waits until every event of the history has arrived, and no other, in the order of each order; answers with how many there
    /// are, and how many of these arrived more than once.
    pub(crate) async fn complete(&self, sql: &Sql) -> (usize, usize) {
        let expected = sql.ids_by_order().await;
        let events = expected.values().map(Vec::len).sum();
        eventually(format!("{events} events have arrived"), async || self.count().await >= events as u64)
            .await;
        // More than there are would be events that arrive twice: they come before the last new one.
        eventually("they are the events of the history", async || {
            ids_by_order(&self.messages().await).values().map(Vec::len).sum::<usize>() >= events
        })
        .await;
        let messages = self.messages().await;
        assert_eq!(ids_by_order(&messages), expected);
        (events, messages.len() - events)
    }
}

/// The ids of events by order, in the order in which they arrived; what arrives again is left out.
pub(crate) fn ids_by_order(messages: &[jetstream::Message]) -> BTreeMap<Uuid, Vec<String>> {
    let mut seen = HashSet::new();
    let mut ids: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for message in messages {
        let id = header(message, "ce-id");
        let order = id.split(':').next().unwrap().parse().unwrap();
        if seen.insert(id.to_owned()) {
            ids.entry(order).or_default().push(id.to_owned());
        }
    }
    ids
}

/// The value of a header.
pub(crate) fn header<'m>(message: &'m jetstream::Message, name: &str) -> &'m str {
    let value = message.headers.as_ref().and_then(|headers| headers.get(name));
    value.unwrap_or_else(|| panic!("no {name}: {message:?}")).as_str()
}
