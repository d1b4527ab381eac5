//! Signals to processes that run under our care.

use std::time::Duration;

use rustix::process::{Pid, kill_process};
use tokio::time::sleep;

pub(super) use rustix::process::Signal;

/// Sends a signal: whether there was somebody to get it.
pub(super) fn send(pid: u32, signal: Signal) -> bool {
    Pid::from_raw(pid.cast_signed()).is_some_and(|pid| kill_process(pid, signal).is_ok())
}

/// Stops processes for a while.
pub(super) async fn freeze(pids: &[u32], time: Duration) {
    let frozen = Frozen::new(pids);
    sleep(time).await;
    drop(frozen);
}

/// Stopped processes. They go on when this is dropped.
pub(super) struct Frozen(Vec<u32>);

impl Frozen {
    /// Stops processes. The first of them, which may be the parent of the others, stops first and goes on last.
    pub(super) fn new(pids: &[u32]) -> Self {
        Self(pids.iter().copied().filter(|pid| send(*pid, Signal::STOP)).collect())
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in self.0.iter().rev() {
            send(*pid, Signal::CONT);
        }
    }
}
