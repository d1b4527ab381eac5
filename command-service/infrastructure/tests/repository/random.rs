//! Random orders in the middle of their lives: small numbers, so that commands hit what is there.

use fastrand::Rng;
use shared_domain::{Currency, NewOrder, Order, OrderSnapshot, Timestamp};

use crate::{
    drafts,
    random_commands::{COMMANDS, Command},
};

/// Where random time begins.
const START: i64 = 1_800_000_000;

/// Orders that random commands change, one after the other. The same seed makes the same ones.
pub(crate) struct Random {
    pub(crate) rng: Rng,
    now: Timestamp,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), now: chrono::DateTime::from_timestamp(START, 0).unwrap() }
    }

    /// A little later than before, to the nanosecond.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.now += chrono::TimeDelta::nanoseconds(self.rng.i64(0..5_000_000_000));
        self.now
    }

    /// A draft: a plain one or one that has everything, in one of three currencies.
    pub(crate) fn draft(&mut self) -> NewOrder {
        if self.rng.u8(..4) == 0 {
            return drafts::plain();
        }
        let currency = self.rng.choice([Currency::EUR, Currency::JPY, Currency::KWD]).unwrap();
        drafts::full(currency, &format!("R-{}", self.rng.u64(..)))
    }

    /// The order after some command that it accepts.
    pub(crate) fn step(&mut self, order: &OrderSnapshot) -> Order {
        self.step_of(order, COMMANDS)
    }

    /// The order after one of these commands. There has to be one that it accepts.
    pub(crate) fn step_of(&mut self, order: &OrderSnapshot, commands: &[Command]) -> Order {
        let mut order = Order::restore(order.clone()).unwrap();
        while order.events().is_empty() {
            let command = self.rng.choice(commands).unwrap();
            // One that the order refuses changes nothing.
            command(self, &mut order).ok();
        }
        order
    }
}
