//! A shop's day by chance: commands over some tens of orders, many of them sensible, many not, some repeated, some only tried.
//! What the services answer is remembered, and every answer is checked against what was answered before.
//!
//! The same seed sends the same commands. `ORDERS_TEST_SEED` replaces the seed of a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
};

use chaos::load::{self, Command, published};
use fastrand::Rng;
use orders_proto::orders::v1::{CreateOrderRequest, Order, OrderState};
use tonic::{Code, Response, Status};

use crate::support::{Commands, reason};

/// How many orders there are once the day is under way.
const ORDERS: usize = 30;

/// What the answers said of one order.
pub(crate) struct Known {
    pub(crate) name: String,
    /// Its published state at each version, from version 1.
    pub(crate) versions: Vec<Vec<u8>>,
    /// The last answer.
    pub(crate) order: Order,
    /// Whether it was a draft that was deleted.
    pub(crate) deleted: bool,
}

impl Known {
    pub(crate) fn published(&self) -> &[u8] {
        self.versions.last().unwrap()
    }

    /// How many commits it had, the deletion included.
    pub(crate) fn commits(&self) -> usize {
        self.versions.len() + usize::from(self.deleted)
    }
}

/// The day so far.
pub(crate) struct RandomDay {
    rng: Rng,
    commands: Commands,
    pub(crate) seed: u64,
    pub(crate) orders: Vec<Known>,
    states: BTreeSet<i32>,
    payment_states: BTreeSet<i32>,
    refusals: BTreeMap<String, u32>,
    replays: u32,
}

impl RandomDay {
    pub(crate) fn new(seed: u64, commands: Commands) -> Self {
        let seed = env::var("ORDERS_TEST_SEED").map_or(seed, |seed| seed.parse().unwrap());
        let rng = Rng::with_seed(seed);
        Self {
            rng,
            commands,
            seed,
            orders: vec![],
            states: BTreeSet::new(),
            payment_states: BTreeSet::new(),
            refusals: BTreeMap::new(),
            replays: 0,
        }
    }

    /// Sends one command. Answers with the place in `orders` of the order that it was about, changed or not; with none if
    /// there is no such order.
    pub(crate) async fn step(&mut self) -> Option<usize> {
        let new = self.orders.len() < ORDERS && self.rng.u8(..4) == 0 || self.orders.is_empty();
        let (place, mut command) = if new {
            (None, Command::Create(self.new_order()))
        } else {
            let place = self.any_order();
            (Some(place), load::command(&mut self.rng, &self.orders[place].order))
        };
        match self.rng.u8(..12) {
            0 => *command.validate_only() = true,
            1 => self.set_etag(&mut command, place),
            2..=5 => *command.request_id() = load::uuid(&mut self.rng).to_string(),
            _ => {}
        }
        let only_tried = *command.validate_only();
        match command.clone().send(&mut self.commands).await {
            Ok(answer) if only_tried => self.tried(place, &command, answer),
            Ok(answer) => {
                if !command.request_id().is_empty() {
                    self.replay(&command, &answer).await;
                }
                self.done(place, &command, answer.into_inner())
            }
            Err(status) => {
                self.refused(&command, &status);
                place
            }
        }
    }

    /// Whether the day was as varied as it should be: a test that sees the same few things all the time sees little.
    pub(crate) fn assert_varied(&self) {
        let all = OrderState::Draft as i32..=OrderState::Cancelled as i32;
        assert_eq!(self.states, all.collect(), "seed {}: not every state was reached", self.seed);
        assert!(self.payment_states.len() >= 6, "seed {}: {:?}", self.seed, self.payment_states);
        assert!(self.refusals.len() >= 8, "seed {}: {:?}", self.seed, self.refusals);
        assert!(self.replays > 10, "seed {}: {} replays", self.seed, self.replays);
    }

    /// The place of an order, more often of one that is still on its way.
    fn any_order(&mut self) -> usize {
        let mut place = self.rng.usize(..self.orders.len());
        let over = |known: &Known| known.deleted || known.order.state() == OrderState::Cancelled;
        for _another_try in 0..2 {
            if over(&self.orders[place]) {
                place = self.rng.usize(..self.orders.len());
            }
        }
        place
    }

    fn new_order(&mut self) -> CreateOrderRequest {
        let mut request = load::create_request(&mut self.rng);
        // Now and then the id or the reference of an order that is there already.
        if let Some(known) = self.rng.choice(&self.orders).filter(|_| self.rng.u8(..10) == 0) {
            match (self.rng.bool(), &mut request.order) {
                (true, _) => request.order_id = known.name["orders/".len()..].to_owned(),
                (false, Some(order)) => order.external_reference = known.order.external_reference.clone(),
                (false, None) => {}
            }
        }
        request
    }

    fn set_etag(&mut self, command: &mut Command, place: Option<usize>) {
        if let Some((etag, place)) = command.etag().zip(place) {
            let version = self.orders[place].order.version;
            *etag = format!("W/\"{}\"", (version - i64::from(self.rng.u8(..2))).max(1));
        }
    }

    /// The same call again gives the same answer and says so.
    async fn replay(&mut self, command: &Command, first: &Response<Option<Order>>) {
        let again = command.clone().send(&mut self.commands).await;
        let again = again.unwrap_or_else(|status| panic!("{}: {command:?}: {status}", self.seed));
        assert_eq!(again.get_ref(), first.get_ref(), "seed {}: {command:?}", self.seed);
        let said = again.metadata().get("idempotent-replay").map(|value| value.to_str().unwrap());
        let committed = first.metadata().contains_key("order-consistency-token");
        assert_eq!(said, committed.then_some("true"), "seed {}: {command:?}", self.seed);
        self.replays += u32::from(committed);
    }

    fn done(&mut self, place: Option<usize>, command: &Command, order: Option<Order>) -> Option<usize> {
        let seed = self.seed;
        let Some(order) = order else {
            self.orders[place.unwrap()].deleted = true;
            return place;
        };
        self.states.insert(order.state);
        self.payment_states.insert(order.payment_state);
        let state = published(&order);
        let Some(place) = place else {
            assert_eq!(order.version, 1, "seed {seed}: {command:?}");
            let (name, versions) = (order.name.clone(), vec![state]);
            self.orders.push(Known { name, versions, order, deleted: false });
            return Some(self.orders.len() - 1);
        };
        let known = &mut self.orders[place];
        assert!(!known.deleted && order.name == known.name, "seed {seed}: {command:?}: {order:?}");
        if order.version == known.order.version {
            assert_eq!(state, known.published(), "seed {seed}: no new version, but new: {command:?}");
        } else {
            assert_eq!(order.version, known.order.version + 1, "seed {seed}: {command:?}");
            assert!(!order.consistency_token.is_empty(), "seed {seed}: {command:?}");
            known.versions.push(state);
            known.order = order;
        }
        Some(place)
    }

    fn tried(
        &mut self,
        place: Option<usize>,
        command: &Command,
        answer: Response<Option<Order>>,
    ) -> Option<usize> {
        assert!(!answer.metadata().contains_key("order-consistency-token"), "{}: {command:?}", self.seed);
        let token = answer.into_inner().map(|order| order.consistency_token).unwrap_or_default();
        assert_eq!(token, "", "seed {}: {command:?}", self.seed);
        place
    }

    fn refused(&mut self, command: &Command, status: &Status) {
        let expected = [
            Code::InvalidArgument,
            Code::NotFound,
            Code::AlreadyExists,
            Code::Aborted,
            Code::FailedPrecondition,
        ];
        assert!(expected.contains(&status.code()), "seed {}: {status:?} to {command:?}", self.seed);
        *self.refusals.entry(reason(status)).or_default() += 1;
    }
}
