//! Those who call the services: clients with commands, twins with the same command at the same time, readers, and watches.

mod caller;
mod client;
mod reader;
mod twins;
mod watcher;
mod world;

pub(crate) use client::client;
pub(crate) use reader::{read_all, reader};
pub(crate) use twins::twins;
pub(crate) use watcher::watch;
pub(crate) use world::World;
