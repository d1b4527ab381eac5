//! One order's events, one after the other: the next is handed over only when the one before it is acknowledged.

use std::time::Duration;

use command_application::{EventPublisher, OutgoingEvent, PublishError};
use shared_infrastructure::{database::StatementError, feed::FeedEntry};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{lease::Term, outage::Outage, parking::ParkedOrder, stored_events};

/// How long to wait before a broker that takes no events is tried again: the first time, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Why a relay does not go on leading.
#[derive(Debug)]
pub(super) enum Halt {
    /// It was told to stop.
    Stopped,
    /// It is not certain any more that no other leads.
    LeaseLost,
    /// Somebody moved the cursor: what was published before is to be published again.
    CursorMoved,
    /// The database does not answer.
    Database(StatementError),
}

/// What it takes to publish, as long as a term lasts.
pub(super) struct Lane<'r, P> {
    pub(super) publisher: &'r P,
    pub(super) broker: &'r Outage,
    pub(super) term: &'r Term,
    pub(super) stop: &'r CancellationToken,
}

impl<P: EventPublisher> Lane<'_, P> {
    /// Publishes commits of one order, the first of them from the event of this number on. Where the order has to be parked, if it
    /// has to be.
    pub(super) async fn publish(
        &self,
        commits: impl IntoIterator<Item = &FeedEntry>,
        mut first_event: u32,
    ) -> Result<Option<ParkedOrder>, Halt> {
        for commit in commits {
            let events = match stored_events::of(commit) {
                Ok(events) => events,
                Err(unreadable) => {
                    return Ok(Some(ParkedOrder::behind_commit(commit, unreadable.to_string())));
                }
            };
            for event in events.iter().filter(|event| event.index >= first_event) {
                if let Some(reason) = self.publish_event(event).await? {
                    return Ok(Some(ParkedOrder::behind(event, reason)));
                }
            }
            first_event = 0;
        }
        Ok(None)
    }

    /// Hands an event over until it is acknowledged, or refused for good: the reason.
    async fn publish_event(&self, event: &OutgoingEvent) -> Result<Option<String>, Halt> {
        let (mut pause, longest) = PAUSES;
        loop {
            if !self.term.is_held() {
                return Err(Halt::LeaseLost);
            }
            match self.publisher.publish(event).await {
                Ok(()) => {
                    self.broker.is_over();
                    return Ok(None);
                }
                Err(PublishError::Refused(reason)) => return Ok(Some(reason)),
                Err(error @ PublishError::Unavailable(_)) => self.broker.goes_on(&error),
            }
            tokio::select! {
                () = sleep(pause) => pause = longest.min(pause * 2),
                () = self.term.over() => return Err(Halt::LeaseLost),
                () = self.stop.cancelled() => return Err(Halt::Stopped),
            }
        }
    }
}
