//! What can be wrong with which field: the rows of the table.

mod commands;
mod order;

pub(super) use self::commands::rows_of;
use super::contract::Bad;

/// Malformed values of one field, and how they are refused.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The field that gets the values.
    pub(super) path: String,
    pub(super) bad: Vec<Bad>,
    /// The field that is told.
    pub(super) at: String,
    pub(super) reason: &'static str,
}

impl Row {
    fn at(self, at: impl Into<String>) -> Self {
        Self { at: at.into(), ..self }
    }

    fn reason(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }
}

/// A row whose values are refused as INVALID_FIELD, at the field itself.
fn row(path: impl Into<String>, bad: impl Into<Vec<Bad>>) -> Row {
    let path = path.into();
    Row { at: path.clone(), path, bad: bad.into(), reason: "INVALID_FIELD" }
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<Bad> {
    texts.map(|text| Bad::Text(text.to_owned())).into()
}

/// A text of so many visible characters at most, that may be left out.
fn visible(path: impl Into<String>, max: usize) -> Row {
    row(path, [texts(["a b", "a\0", "a\n", "\u{7f}", "a\u{a0}b", "\u{2028}"]), too_long(max)].concat())
}

/// A text of one line, that may be left out.
fn one_line(path: impl Into<String>, max: usize) -> Row {
    row(path, [texts(["\0", "a\nb", "a\tb", "\u{1b}[2J", "\u{85}"]), too_long(max)].concat())
}

/// A text of several lines, that may be left out.
fn paragraph(path: impl Into<String>, max: usize) -> Row {
    row(path, [texts(["\0", "a\0b", "a\rb", "\u{8}"]), too_long(max)].concat())
}

fn too_long(max: usize) -> Vec<Bad> {
    vec![Bad::Text("x".repeat(max + 1)), Bad::Text("ä".repeat(max + 1))]
}

/// The same, and it must not be left out.
fn required(row: Row) -> Row {
    Row { bad: [row.bad, vec![Bad::Unset]].concat(), ..row }
}

fn numbers<const N: usize>(numbers: [i64; N]) -> Vec<Bad> {
    numbers.map(Bad::Number).into()
}

/// A quantity of a line.
fn units(path: impl Into<String>) -> Row {
    row(path, numbers([0, -1, 1_000_001, i32::MAX.into(), i32::MIN.into()]))
}

/// A number of a part of an order.
fn part(path: impl Into<String>) -> Row {
    row(path, numbers([0]))
}

/// An enum with this many values, numbered from 1.
fn choice(path: impl Into<String>, values: i64) -> Row {
    row(path, numbers([0, -1, values + 1, i32::MAX.into(), i32::MIN.into()]))
}

/// An amount that is not negative.
fn amount(path: &str) -> Vec<Row> {
    let out_of_range = [
        Bad::Money("EUR", -1, 0),
        Bad::Money("EUR", 0, -10_000_000),
        Bad::Money("EUR", 10_000_000_000_000, 10_000_000),
        Bad::Money("EUR", i64::MAX, 990_000_000),
        Bad::Money("EUR", i64::MIN, 0),
        Bad::Money("JPY", 1_000_000_000_000_001, 0),
    ];
    let imprecise =
        [Bad::Money("EUR", 1, 1), Bad::Money("EUR", 1, 5_000_000), Bad::Money("JPY", 1, 500_000_000)];
    let malformed = [
        Bad::Money("EUR", 1, 1_000_000_000),
        Bad::Money("EUR", 1, -10_000_000),
        Bad::Money("EUR", -1, 10_000_000),
        Bad::Money("EUR", 0, i32::MAX),
        Bad::Money("EUR", 0, i32::MIN),
    ];
    let currencies = ["", "eur", "EURO", "XAU", "XXX", "ABC", "E\0R", " EUR", "€"];
    vec![
        row(path, out_of_range).reason("MONEY_OUT_OF_RANGE"),
        row(path, imprecise).at(format!("{path}.nanos")).reason("MONEY_PRECISION"),
        row(path, malformed).at(format!("{path}.nanos")),
        row(path, currencies.map(|code| Bad::Money(code, 1, 0))).at(format!("{path}.currency_code")),
    ]
}

/// An amount above zero that has to be there.
fn positive(path: &str) -> Vec<Row> {
    let mut rows = required_amount(path);
    rows[0].bad.push(Bad::Money("EUR", 0, 0));
    rows
}

/// An amount that has to be there.
fn required_amount(path: &str) -> Vec<Row> {
    [amount(path), vec![row(path, [Bad::Unset])]].concat()
}

/// An amount that has to be in the order's currency, EUR, which the request says.
fn in_euros(path: &str) -> Vec<Row> {
    let foreign = [Bad::Money("USD", 1, 0), Bad::Money("JPY", 1, 0)];
    vec![row(path, foreign).at(format!("{path}.currency_code")).reason("CURRENCY_MISMATCH")]
}

/// A time that may be left out.
fn time(path: &str) -> Vec<Row> {
    let seconds = [i64::MIN, i64::MAX, -62_135_596_801, 253_402_300_800];
    let nanos = [-1, 1_000_000_000, i32::MIN.into(), i32::MAX.into()];
    vec![
        row(format!("{path}.seconds"), numbers(seconds)).at(path),
        row(format!("{path}.nanos"), numbers(nanos)).at(path),
    ]
}
