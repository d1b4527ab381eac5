//! The aggregate: a state, and the events recorded since it was loaded.

use super::{
    BrokenInvariant, CommandKind, Event, OrderSnapshot, OrderState, Violation, lifecycle::next_states,
};
use crate::{TimeExt as _, Timestamp};

/// An order that commands can change. The verbs are in the files beside this one, by the command they serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub(super) snapshot: OrderSnapshot,
    events: Vec<Event>,
}

impl Order {
    /// For storage only: the aggregate as it was stored.
    ///
    /// # Errors
    /// [`BrokenInvariant`] if it breaks what every order keeps: it was damaged.
    pub fn restore(snapshot: OrderSnapshot) -> Result<Self, BrokenInvariant> {
        snapshot.check_invariants()?;
        Ok(Self { snapshot, events: vec![] })
    }

    /// The order as it stands, with what was recorded since it was loaded.
    #[must_use]
    pub fn snapshot(&self) -> &OrderSnapshot {
        &self.snapshot
    }

    /// What was recorded since the order was loaded or created, in order. If it is empty there is nothing to commit.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Whether the order is to be removed with the next commit.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.events.last() == Some(&Event::Deleted)
    }

    pub(super) fn created(draft: OrderSnapshot) -> Self {
        Self { events: vec![Event::Created(Box::new(draft.clone()))], snapshot: draft }
    }

    /// Whether the transition table allows the command now.
    pub(super) fn check_state(&self, command: CommandKind) -> Result<(), Violation> {
        let state = self.snapshot.state;
        if next_states(command, state).is_empty() {
            return Err(Violation::InvalidStateTransition { command, state });
        }
        Ok(())
    }

    pub(super) fn check_not_on_hold(&self) -> Result<(), Violation> {
        match &self.snapshot.hold {
            Some(hold) => Err(Violation::OrderOnHold { reason: hold.reason.as_str().into() }),
            None => Ok(()),
        }
    }

    /// The time of the commit that carries what is recorded now: always after the one of the version before.
    pub(super) fn commit_time(&self, now: Timestamp) -> Timestamp {
        let update = self.snapshot.times.update;
        if self.events.is_empty() { now.micros().max(update.next_micro()) } else { update }
    }

    /// Records an event and applies it. The first one of a commit makes the new version, and sets the commit's time.
    pub(super) fn record(&mut self, event: Event, now: Timestamp) {
        let time = self.commit_time(now);
        if self.events.is_empty() {
            self.snapshot.version += 1;
        }
        self.snapshot.apply(&event, time);
        debug_assert!(self.snapshot.state != OrderState::Draft || self.snapshot.number.is_none());
        self.events.push(event);
    }
}
