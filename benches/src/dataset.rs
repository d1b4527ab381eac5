//! The orders that are in the database before anything is measured: copies of one that the real service has placed.

mod copies;
mod literal;
pub(crate) mod names;
mod rows;
mod spread;
mod statistics;

pub(crate) use copies::fill;
pub(crate) use literal::literal;
pub(crate) use rows::{Column, Row, Table, rows_of};
pub(crate) use spread::Spread;
pub(crate) use statistics::analyze;
