//! Shows whether the promises hold while everything fails. Both services, PostgreSQL and NATS run as the processes they are, with
//! links between them that can be slow, cut and half-open; clients put load on them; processes are killed and frozen. Afterwards
//! what was answered, told and published is compared with what is stored.
//!
//! - `plan` says what fails when, and follows from the seed alone.
//! - `system` is what runs, and does to it what the plan says.
//! - `actors` call the services, and write what they see into the `history`.
//! - `checkers` look through that history and the rows. They are functions without anything else, and each has a test in which it
//!   finds what was planted.
//!
//! [`load`] (commands by chance) and [`books`] (the arithmetic of orders a second time) serve other tests as well.

mod actors;
pub mod books;
pub mod checkers;
mod crash;
pub mod evidence;
pub mod history;
pub mod load;
pub mod plan;
mod proxy;
mod report;
mod run;
mod system;

pub use crash::{Crash, crash};
pub use report::Report;
pub use run::{ChaosError, Options, run};
