//! What is measured: a PostgreSQL server, and both services as the processes they are, in release mode.

mod sample;
mod server;
mod site;
mod sound;

pub(crate) use sample::Orders;
pub(crate) use server::{Bed, SETTINGS, connect};
pub(crate) use site::{Projections, Site};
