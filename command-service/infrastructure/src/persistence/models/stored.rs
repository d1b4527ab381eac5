//! From columns into values of the domain, which have rules, and the other way round.

/// A column that holds what no order can have. It names the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Corrupt(pub(super) &'static str);

/// What may turn out not to be a value of the domain.
pub(super) trait Stored<T> {
    /// The value that the column holds.
    fn stored(self, column: &'static str) -> Result<T, Corrupt>;
}

impl<T, E> Stored<T> for Result<T, E> {
    fn stored(self, column: &'static str) -> Result<T, Corrupt> {
        self.map_err(|_| Corrupt(column))
    }
}

impl<T> Stored<T> for Option<T> {
    fn stored(self, column: &'static str) -> Result<T, Corrupt> {
        self.ok_or(Corrupt(column))
    }
}

/// The value of an optional column.
pub(super) fn optional<A, B, E>(
    stored: Option<A>,
    value: impl FnOnce(A) -> Result<B, E>,
    column: &'static str,
) -> Result<Option<B>, Corrupt> {
    stored.map(value).transpose().stored(column)
}

/// The value of a text column where an empty text stands for none.
pub(super) fn filled<T, E>(
    stored: String,
    value: impl FnOnce(String) -> Result<T, E>,
    column: &'static str,
) -> Result<Option<T>, Corrupt> {
    optional(Some(stored).filter(|text| !text.is_empty()), value, column)
}

/// The text of an optional value; empty if there is none.
macro_rules! text {
    ($value:expr) => {
        $value.as_ref().map(|value| value.as_str().to_owned()).unwrap_or_default()
    };
}
pub(super) use text;

/// The text of an optional value.
macro_rules! optional_text {
    ($value:expr) => {
        $value.as_ref().map(|value| value.as_str().to_owned())
    };
}
pub(super) use optional_text;

/// A number of units or of a part, as `integer`. The domain keeps both far below its limit.
pub(super) fn integer(number: u32) -> i32 {
    i32::try_from(number).expect("numbers and units are below 2^31")
}

/// A state or a kind, as `smallint`.
pub(super) fn smallint(number: i32) -> i16 {
    i16::try_from(number).expect("the enums of the contract are small")
}
