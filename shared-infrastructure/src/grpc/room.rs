//! The memory that a process has for large messages, on their way in or out.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What is no larger needs no room: there are only so many calls at once.
pub(super) const SMALL: usize = 16 * 1024;

/// So many bytes, for all messages together.
#[derive(Debug, Clone)]
pub(super) struct Room {
    bytes: usize,
    taken: Arc<AtomicUsize>,
}

impl Room {
    /// Nobody has any of it yet.
    pub(super) fn of(bytes: usize) -> Self {
        Self { bytes, taken: Arc::default() }
    }

    /// For one call, which takes nothing of it yet.
    pub(super) fn share(&self) -> Share {
        Share { room: self.clone(), bytes: 0 }
    }

    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// What one call has of it. It is given back with it.
#[derive(Debug)]
pub(super) struct Share {
    room: Room,
    bytes: usize,
}

impl Share {
    /// Whether there is room for a message that is so long, in place of the one before.
    pub(super) fn fits(&mut self, length: usize) -> bool {
        let wanted = if length > SMALL { length } else { 0 };
        if wanted <= self.bytes {
            self.give_back(self.bytes - wanted);
            return true;
        }
        let Room { bytes, taken } = &self.room;
        let added = wanted - self.bytes;
        let more = |taken: usize| (taken + added <= *bytes).then_some(taken + added);
        let is_room = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if is_room {
            self.bytes = wanted;
        }
        is_room
    }

    fn give_back(&mut self, bytes: usize) {
        if bytes > 0 {
            self.bytes -= bytes;
            self.room.taken.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}
