//! Amounts as numbers of minor units, such as cents.

use orders_proto::google::r#type::Money;

/// Digits of the minor unit of the currencies that are used here.
fn digits(currency: &str) -> u32 {
    match currency {
        "EUR" => 2,
        "JPY" => 0,
        "KWD" => 3,
        other => panic!("nobody here uses {other}"),
    }
}

/// An amount of minor units; none but EUR, JPY and KWD.
#[must_use]
pub fn money(currency: &str, minor_units: i64) -> Option<Money> {
    let scale = 10_i64.pow(digits(currency));
    let nanos = minor_units % scale * (1_000_000_000 / scale);
    Some(Money {
        currency_code: currency.to_owned(),
        units: minor_units / scale,
        nanos: i32::try_from(nanos).expect("less than a unit"),
    })
}

/// The minor units of an amount.
#[must_use]
pub fn minor_units(money: &Money) -> i64 {
    let scale = 10_i64.pow(digits(&money.currency_code));
    money.units * scale + i64::from(money.nanos) / (1_000_000_000 / scale)
}
