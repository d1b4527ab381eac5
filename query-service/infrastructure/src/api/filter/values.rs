//! The values of a filter that have a form of their own: amounts and times.

use chrono::{DateTime, Timelike, Utc};
use shared_domain::{InvalidValue, Money, Timestamp, parse_currency};

const NANOS_OF_A_MICRO: u32 = 1_000;

/// An amount with its currency, such as `100.00 EUR`, with at most as many decimals as the currency has.
pub(super) fn amount(text: &str) -> Result<Money, InvalidValue> {
    let malformed = || InvalidValue("must be an amount and its currency, such as \"100.00 EUR\"".into());
    let (number, code) = text.split_once(' ').ok_or_else(malformed)?;
    let currency = parse_currency(code)?;
    let exponent = Money::zero(currency).exponent() as usize;

    let (units, decimals) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(units) || !(digits(decimals) || number == units) {
        return Err(malformed());
    }
    if decimals.len() > exponent {
        return Err(InvalidValue(format!("must have at most {exponent} decimals in {code}")));
    }
    let too_large = || InvalidValue(format!("must be at most {} minor units", Money::MAX));
    let minor_units: i64 = format!("{units}{decimals:0<exponent$}").parse().map_err(|_| too_large())?;
    Money::new(minor_units, currency).map_err(|_| too_large())
}

/// A time as in RFC 3339, to the microsecond.
pub(super) fn time(text: &str) -> Result<Timestamp, InvalidValue> {
    let malformed = || InvalidValue("must be an RFC 3339 time, such as \"2026-01-31T00:00:00Z\"".into());
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| malformed())?.with_timezone(&Utc);
    if time.nanosecond() % NANOS_OF_A_MICRO != 0 {
        return Err(InvalidValue("must have at most six decimals: times are kept to the microsecond".into()));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, minor_units) in [
            ("100.00 EUR", 10_000),
            ("100.5 EUR", 10_050),
            ("100 EUR", 10_000),
            ("0 EUR", 0),
            ("7 JPY", 7),
            ("1.234 KWD", 1_234),
            ("10000000000000.00 EUR", Money::MAX),
        ] {
            assert_eq!(amount(text).unwrap().minor_units(), minor_units, "{text}");
        }
    }

    #[test]
    fn amounts_that_cannot_be_are_refused() {
        let long = format!("{} EUR", "9".repeat(400));
        for text in [
            "",
            "100",
            "100 ",
            "EUR",
            " EUR",
            "100.00 eur",
            "100.00 XXX",
            "1.234 EUR",
            "1.0 JPY",
            "1. EUR",
            ".5 EUR",
            "1e3 EUR",
            "-1 EUR",
            "+1 EUR",
            "1,000 EUR",
            "1.2.3 EUR",
            "1  EUR",
            "٣ EUR",
            "10000000000000.01 EUR",
            &long,
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_have_microseconds() {
        let moment = |text| time(text).map(|time| time.timestamp_micros());
        assert_eq!(moment("1970-01-01T00:00:01.000002Z"), Ok(1_000_002));
        assert_eq!(moment("1970-01-01T01:00:00+01:00"), Ok(0));
        for text in
            ["", "2026-01-31", "2026-01-31T00:00:00", "2026-02-30T00:00:00Z", "1970-01-01T00:00:00.0000001Z"]
        {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
