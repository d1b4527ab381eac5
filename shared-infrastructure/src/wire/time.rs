//! Points in time.

use std::ops::RangeInclusive;

use prost_types::Timestamp as WireTimestamp;
use shared_domain::Timestamp;

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds since 1970: what `google.protobuf.Timestamp` can say. PostgreSQL
/// takes all of it.
const SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// A time, to the microsecond.
#[must_use]
pub fn timestamp(time: Timestamp) -> WireTimestamp {
    let nanos = i32::try_from(time.timestamp_subsec_micros() * 1_000).expect("less than 2 * 10^9");
    WireTimestamp { seconds: time.timestamp(), nanos }
}

/// The time that a message says; `None` outside the years 1 to 9999, or with nanos that are not 0 to 999,999,999.
#[must_use]
pub fn time(time: WireTimestamp) -> Option<Timestamp> {
    let nanos = u32::try_from(time.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Timestamp::from_timestamp(time.seconds, nanos).filter(is_in_range)
}

/// Whether a time is in the years 1 to 9999, which the contract can say and PostgreSQL can keep.
#[must_use]
pub fn is_in_range(time: &Timestamp) -> bool {
    SECONDS.contains(&time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_the_epoch_have_positive_nanos() {
        let time = "1969-12-31T23:59:59.5Z".parse().unwrap();
        assert_eq!(timestamp(time), WireTimestamp { seconds: -1, nanos: 500_000_000 });
    }

    #[test]
    fn times_are_of_the_years_1_to_9999() {
        let wire = |seconds, nanos| time(WireTimestamp { seconds, nanos });
        let (first, last) = (*SECONDS.start(), *SECONDS.end());
        assert_eq!(wire(first, 0), Some("0001-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(wire(last, 999_999_000), Some("9999-12-31T23:59:59.999999Z".parse().unwrap()));
        for (seconds, nanos) in
            [(first - 1, 0), (last + 1, 0), (i64::MIN, 0), (i64::MAX, i32::MAX), (0, -1), (0, 1_000_000_000)]
        {
            assert_eq!(wire(seconds, nanos), None, "{seconds} {nanos}");
        }
    }
}
