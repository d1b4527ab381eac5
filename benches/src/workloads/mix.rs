//! A bit of everything: four reads for each write.

use super::{Get, List, Place};
use crate::{
    dataset::Spread,
    load::{Call, Workload},
};

/// How many of a hundred calls are of which kind.
pub(crate) const GET_SHARE: u32 = 60;
/// See [`GET_SHARE`].
pub(crate) const LIST_SHARE: u32 = 20;
/// See [`GET_SHARE`].
pub(crate) const PLACE_SHARE: u32 = 100 - GET_SHARE - LIST_SHARE;

/// The workload.
#[derive(Debug)]
pub(crate) struct Mix {
    get: Get,
    list: List,
    place: Place,
    random: fastrand::Rng,
}

impl Mix {
    /// Of random orders and customers among these.
    pub(crate) fn new(orders: Spread, customers: Spread) -> Self {
        Self {
            get: Get::new(orders),
            list: List::new(customers),
            place: Place::new(customers),
            random: fastrand::Rng::new(),
        }
    }
}

impl Workload for Mix {
    fn next_call(&mut self) -> Call<'_> {
        match self.random.u32(..100) {
            ..GET_SHARE => self.get.next_call(),
            draw if draw < GET_SHARE + LIST_SHARE => self.list.next_call(),
            _ => self.place.next_call(),
        }
    }
}
