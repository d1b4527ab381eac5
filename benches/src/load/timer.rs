//! Wakes `poll` at a point in time. Linux's `epoll` counts in milliseconds, which is too coarse to send calls at a fixed
//! rate, so a timer of the kernel's does it there; elsewhere `poll` itself is fine enough.

use std::{
    io,
    time::{Duration, Instant},
};

use mio::{Registry, Token};

/// A timer that wakes a `poll`.
#[derive(Debug)]
pub(super) struct Timer {
    #[cfg(target_os = "linux")]
    kernel: std::os::fd::OwnedFd,
    set_to: Option<Instant>,
}

impl Timer {
    /// A timer that is not set. It wakes the `poll` of this registry with this token.
    #[cfg(target_os = "linux")]
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        use std::os::fd::AsRawFd;

        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

        let kernel =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let mut source = mio::unix::SourceFd(&kernel.as_raw_fd());
        registry.register(&mut source, token, mio::Interest::READABLE)?;
        Ok(Self { kernel, set_to: None })
    }

    /// A timer that is not set.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn new(_registry: &Registry, _token: Token) -> io::Result<Self> {
        Ok(Self { set_to: None })
    }

    /// Wakes the next `poll` at `time`, if that has not timed out by then after what this answers.
    pub(super) fn set(&mut self, time: Instant, timeout: Duration) -> io::Result<Duration> {
        if self.set_to == Some(time) && cfg!(target_os = "linux") {
            return Ok(timeout);
        }
        self.set_to = Some(time);
        self.start(time.saturating_duration_since(Instant::now()), timeout)
    }

    #[cfg(target_os = "linux")]
    fn start(&self, after: Duration, timeout: Duration) -> io::Result<Duration> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

        // All zeroes would stop the timer.
        let after = after.max(Duration::from_nanos(1));
        let it_value = Timespec {
            tv_sec: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(after.subsec_nanos()),
        };
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        timerfd_settime(&self.kernel, TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })?;
        Ok(timeout)
    }

    #[cfg(not(target_os = "linux"))]
    fn start(&self, after: Duration, timeout: Duration) -> io::Result<Duration> {
        Ok(after.min(timeout))
    }
}
