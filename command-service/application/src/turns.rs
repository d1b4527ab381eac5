//! Turns: commands on one order, in one process, one after the other.
//!
//! What keeps an order right is the version that each commit is checked against; of commands that decide at the same time, one wins and
//! the others decide anew. Turns only keep a process from doing so for nothing: with a hundred commands on one order, each would
//! otherwise lose to all before it. Commands on other orders are not held up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_lock::{Mutex as AsyncMutex, MutexGuardArc};
use shared_domain::OrderId;

/// Whose turn it is, for the orders that commands are under way on.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<OrderId, Arc<AsyncMutex<()>>>>);

/// A command's turn on an order. Dropping it lets the next one go.
#[derive(Debug)]
pub(crate) struct Turn<'t> {
    // Before the place: the turn ends before the place in the line is given up.
    _turn: MutexGuardArc<()>,
    _place: Place<'t>,
}

impl Turns {
    /// Waits until nobody else of this process is at the order. Whoever stops waiting leaves nothing behind.
    pub(crate) async fn take(&self, order: OrderId) -> Turn<'_> {
        let line = Arc::clone(self.lines().entry(order).or_default());
        let place = Place { turns: self, order, line };
        Turn { _turn: place.line.lock_arc().await, _place: place }
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<OrderId, Arc<AsyncMutex<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the line of those who wait for an order, or are at it.
#[derive(Debug)]
struct Place<'t> {
    turns: &'t Turns,
    order: OrderId,
    line: Arc<AsyncMutex<()>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        const MAP_AND_SELF: usize = 2;
        let mut lines = self.turns.lines();
        if Arc::strong_count(&self.line) == MAP_AND_SELF {
            lines.remove(&self.order);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use uuid::Uuid;

    use super::*;

    fn order(number: u128) -> OrderId {
        OrderId::referring(Uuid::from_u128(number))
    }

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn one_at_a_time_per_order_and_nothing_is_left_behind() {
        let turns = Turns::default();
        let Poll::Ready(first) = poll(pin!(turns.take(order(1)))) else { panic!("nobody is there") };
        assert!(poll(pin!(turns.take(order(2)))).is_ready(), "another order");
        {
            let mut second = pin!(turns.take(order(1)));
            assert!(poll(second.as_mut()).is_pending());
            assert!(poll(pin!(turns.take(order(1)))).is_pending(), "left without a turn");
            drop(first);
            assert!(poll(second).is_ready());
        }
        assert!(turns.lines().is_empty());
    }
}
