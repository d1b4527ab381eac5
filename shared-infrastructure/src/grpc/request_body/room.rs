//! The memory for large requests on their way in.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Most bytes of large requests that a process has memory for at a time.
pub(super) const ROOM: usize = 32 * 1024 * 1024;

/// The largest message that any rpc takes. Nothing is kept for one that is larger: it is refused when it is announced.
pub(super) const LARGEST: usize = 256 * 1024;

/// What is no larger needs no room: there are only so many calls at once.
pub(super) const SMALL: usize = 16 * 1024;

/// The bytes that are set aside for requests under way.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Held(Arc<AtomicUsize>);

impl Held {
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one request has of them. It is given back with it.
pub(super) struct Share {
    held: Held,
    bytes: usize,
}

impl Share {
    pub(super) const fn of(held: Held) -> Self {
        Self { held, bytes: 0 }
    }

    /// Whether there is room for a message that is announced to be so long. What it had for another one is given back.
    pub(super) fn fits(&mut self, length: usize) -> bool {
        let wanted = match length.min(LARGEST) {
            0..=SMALL => 0,
            large => large,
        };
        if wanted <= self.bytes {
            self.give_back(self.bytes - wanted);
            return true;
        }
        let added = wanted - self.bytes;
        let more = |held: usize| (held + added <= ROOM).then_some(held + added);
        let is_room = self.held.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if is_room {
            self.bytes = wanted;
        }
        is_room
    }

    fn give_back(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.held.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}
