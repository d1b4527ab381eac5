//! Amounts.

use orders_proto::google::r#type::Money as WireMoney;
use shared_domain::{Currency, Money};

const NANO_DIGITS: u32 = 9;

/// An amount, as [`amount`] has it.
#[must_use]
pub fn money(money: Money) -> WireMoney {
    amount(money.minor_units(), money.currency())
}

/// Minor units of a currency as whole units, and billionths of one with the same sign.
#[must_use]
pub fn amount(minor_units: i64, currency: Currency) -> WireMoney {
    let exponent = currency.exponent().map_or(0, u32::from).min(NANO_DIGITS);
    let minor_per_unit = 10_i64.pow(exponent);
    let nanos = minor_units % minor_per_unit * 10_i64.pow(NANO_DIGITS - exponent);
    WireMoney {
        currency_code: currency.code().to_owned(),
        units: minor_units / minor_per_unit,
        nanos: i32::try_from(nanos).expect("less than a unit is less than 10^9 nanos"),
    }
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
}
