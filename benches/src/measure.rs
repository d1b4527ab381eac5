//! What work costs: processor time and memory of processes, from Linux's `/proc`.

mod processes;
mod usage;

pub(crate) use usage::{Cost, Meters};
