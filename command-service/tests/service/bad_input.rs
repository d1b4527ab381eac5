//! Malformed requests: each gets the status and the reason of the catalogue and the path of the field, all bad fields at
//! once, and nothing ever answers INTERNAL.

mod contract;
mod mutated;
mod rows;
mod table;
mod together;
mod valid;
mod wire;

pub(crate) use self::{contract::methods, valid::valid};
