//! Money: an exact number of minor units of a currency. There are no floats and nothing is rounded.

use std::fmt;

use iso_currency::Currency;

use super::InvalidValue;

/// An amount in the minor units of its currency (cents, for EUR): between plus and minus [`Money::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    minor_units: i64,
    currency: Currency,
}

/// Why an amount cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Beyond plus or minus [`Money::MAX`].
    #[error("amounts can have up to 10^15 minor units")]
    OutOfRange,
}

impl Money {
    /// The largest amount in minor units. All the payments that an order can have still add up without overflow.
    pub const MAX: i64 = 1_000_000_000_000_000;

    /// An amount in minor units.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] beyond plus or minus [`Money::MAX`].
    pub fn new(minor_units: i64, currency: Currency) -> Result<Self, MoneyError> {
        Self::exact(i128::from(minor_units), currency)
    }

    /// Nothing.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor_units: 0, currency }
    }

    /// An amount that was computed with room to spare.
    pub(crate) fn exact(minor_units: i128, currency: Currency) -> Result<Self, MoneyError> {
        match i64::try_from(minor_units) {
            Ok(minor_units) if (-Self::MAX..=Self::MAX).contains(&minor_units) => {
                Ok(Self { minor_units, currency })
            }
            _ => Err(MoneyError::OutOfRange),
        }
    }

    /// An amount that is known to fit an `i64` though it may be past [`Money::MAX`]: a sum of payments.
    pub(crate) fn sum(minor_units: i64, currency: Currency) -> Self {
        Self { minor_units, currency }
    }

    /// The amount in minor units.
    #[must_use]
    pub fn minor_units(self) -> i64 {
        self.minor_units
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// How many decimal digits the minor unit has: 2 for EUR, 0 for JPY.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.currency.exponent().map_or(0, u32::from)
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.minor_units < 0
    }
}

impl fmt::Display for Money {
    /// As in `12.34 EUR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, value) = (if self.minor_units < 0 { "-" } else { "" }, self.minor_units.unsigned_abs());
        let scale = 10u64.pow(self.exponent());
        match self.exponent() as usize {
            0 => write!(f, "{sign}{value} {}", self.currency.code()),
            digits => {
                write!(f, "{sign}{}.{:0digits$} {}", value / scale, value % scale, self.currency.code())
            }
        }
    }
}

/// The currency with an ISO 4217 code in capitals. Codes without minor units, such as that of gold, are no currencies to
/// pay in.
///
/// # Errors
/// [`InvalidValue`] for any other text.
pub fn parse_currency(code: &str) -> Result<Currency, InvalidValue> {
    Currency::from_code(code)
        .filter(|currency| currency.exponent().is_some())
        .ok_or_else(|| InvalidValue("must be an ISO 4217 currency code in capitals, such as EUR".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_with_the_digits_of_the_currency() {
        let shown = |minor, code| Money::new(minor, parse_currency(code).unwrap()).unwrap().to_string();
        assert_eq!(shown(-1205, "EUR"), "-12.05 EUR");
        assert_eq!(shown(0, "EUR"), "0.00 EUR");
        assert_eq!(shown(1205, "JPY"), "1205 JPY");
        assert_eq!(shown(1205, "KWD"), "1.205 KWD");
    }

    #[test]
    fn range_is_bounded() {
        assert!(Money::new(Money::MAX, Currency::EUR).is_ok());
        assert_eq!(Money::new(Money::MAX + 1, Currency::EUR), Err(MoneyError::OutOfRange));
        assert_eq!(Money::new(i64::MIN, Currency::EUR), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn currencies_have_minor_units() {
        for bad in ["", "eur", "EURO", "XAU", "XXX"] {
            assert!(parse_currency(bad).is_err(), "{bad}");
        }
    }
}
