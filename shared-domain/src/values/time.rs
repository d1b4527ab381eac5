//! Time, to the microsecond: what is stored is what was decided.

use chrono::{DateTime, TimeDelta, Utc};

/// A point in time, in UTC.
pub type Timestamp = DateTime<Utc>;

pub(crate) trait TimeExt {
    /// The time without what is below a microsecond.
    fn micros(self) -> Self;
    /// One microsecond later.
    fn next_micro(self) -> Self;
}

impl TimeExt for Timestamp {
    fn micros(self) -> Self {
        Self::from_timestamp_micros(self.timestamp_micros()).unwrap_or(self)
    }

    fn next_micro(self) -> Self {
        self.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(self)
    }
}
