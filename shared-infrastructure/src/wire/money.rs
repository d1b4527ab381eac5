//! Amounts.

use orders_proto::google::r#type::Money as WireMoney;
use shared_domain::{Currency, Money, parse_currency};

const NANO_DIGITS: u32 = 9;

/// The digits of a currency's minor unit.
fn exponent(currency: Currency) -> u32 {
    currency.exponent().map_or(0, u32::from).min(NANO_DIGITS)
}

/// An amount, as [`amount`] has it.
#[must_use]
pub fn money(money: Money) -> WireMoney {
    amount(money.minor_units(), money.currency())
}

/// Minor units of a currency as whole units, and billionths of one with the same sign.
#[must_use]
pub fn amount(minor_units: i64, currency: Currency) -> WireMoney {
    sum(minor_units.into(), currency).expect("units are not more than minor units")
}

/// As [`amount`], of a sum over many orders; `None` if it is too large for the message.
#[must_use]
pub fn sum(minor_units: i128, currency: Currency) -> Option<WireMoney> {
    let exponent = exponent(currency);
    let minor_per_unit = 10_i128.pow(exponent);
    let nanos = minor_units % minor_per_unit * 10_i128.pow(NANO_DIGITS - exponent);
    Some(WireMoney {
        currency_code: currency.code().to_owned(),
        units: i64::try_from(minor_units / minor_per_unit).ok()?,
        nanos: i32::try_from(nanos).expect("less than a unit is less than 10^9 nanos"),
    })
}

/// The minor units of an amount that was made here; `None` if it cannot have been.
#[must_use]
pub fn minor_units(money: &WireMoney) -> Option<i128> {
    let exponent = exponent(parse_currency(&money.currency_code).ok()?);
    let nanos_per_minor = 10_i128.pow(NANO_DIGITS - exponent);
    let nanos = i128::from(money.units) * 10_i128.pow(NANO_DIGITS) + i128::from(money.nanos);
    (nanos % nanos_per_minor == 0).then_some(nanos / nanos_per_minor)
}

#[cfg(test)]
mod tests {
    use shared_domain::parse_currency;

    use super::*;

    #[test]
    fn amounts_keep_their_sign_and_their_digits() {
        let wire = |minor_units, code| {
            let WireMoney { units, nanos, .. } =
                money(Money::new(minor_units, parse_currency(code).unwrap()).unwrap());
            (units, nanos)
        };
        assert_eq!(wire(1_234, "EUR"), (12, 340_000_000));
        assert_eq!(wire(-1_205, "EUR"), (-12, -50_000_000));
        assert_eq!(wire(-5, "EUR"), (0, -50_000_000));
        assert_eq!(wire(1_234, "JPY"), (1_234, 0));
        assert_eq!(wire(1_205, "KWD"), (1, 205_000_000));
    }

    #[test]
    fn amounts_come_back_as_they_were() {
        for code in ["EUR", "JPY", "KWD"] {
            let currency = parse_currency(code).unwrap();
            for minor in [0, 1, -1, 99, -12_345, i64::MAX.into(), i64::MIN.into()] {
                assert_eq!(minor_units(&sum(minor, currency).unwrap()), Some(minor), "{minor} {code}");
            }
        }
        let wire = |code: &str, nanos| WireMoney { currency_code: code.into(), units: 1, nanos };
        assert_eq!(minor_units(&wire("EUR", 1)), None);
        assert_eq!(minor_units(&wire("euro", 0)), None);
    }

    #[test]
    fn sums_can_be_larger_than_amounts_but_not_than_the_message() {
        let (euro, most) = (parse_currency("EUR").unwrap(), i128::from(i64::MAX) * 100 + 99);
        assert_eq!(sum(most, euro).map(|money| (money.units, money.nanos)), Some((i64::MAX, 990_000_000)));
        assert_eq!(sum(most + 1, euro), None);
    }
}
