//! Tests of the domain through its public face.

mod allocation;
mod damage;
mod fixtures;
mod guards;
mod laws;
mod model;
mod properties;
mod records;
mod story;
mod table;
mod totals;
mod walk;
