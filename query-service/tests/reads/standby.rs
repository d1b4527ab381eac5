//! Reads from a primary and a standby that is some time behind.

mod behind;
mod failover;
mod fresh;
mod status;
mod uncommitted;
