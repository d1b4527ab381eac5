//! Rows of an order that is to be created, and of its parts.

use super::{
    Row, amount, choice, in_euros, one_line, paragraph, part, positive, required, required_amount, row,
    texts, units, visible,
};
use crate::bad_input::contract::Bad;

/// The draft of a request.
pub(super) fn draft(at: &str) -> Vec<Row> {
    let field = |name: &str| format!("{at}.{name}");
    let currencies = row(
        field("currency_code"),
        [texts(["eur", "EURO", "XAU", "ABC", "E\0R"]), vec![Bad::Unset]].concat(),
    );
    let too_many = |name: &str, count| row(field(name), [Bad::Times(count)]).reason("TOO_MANY_LINES");
    let rows = vec![
        visible(field("channel"), 64),
        visible(field("customer_id"), 128),
        required(visible(field("external_reference.source"), 64)),
        required(visible(field("external_reference.id"), 128)),
        currencies,
        too_many("lines", 501),
        too_many("adjustments", 101),
        too_many("shipping_lines", 21),
    ];
    [
        rows,
        details(at),
        address(&field("shipping_address")),
        line(&field("lines[0]")),
        in_euros(&field("lines[0].unit_price")),
        in_euros(&field("lines[1].tax_amount")),
        line(&field("lines[1]")),
        adjustment(&field("adjustments[0]")),
        in_euros(&field("adjustments[1].amount")),
        vec![part(field("adjustments[1].line_id"))],
        shipping_line(&field("shipping_lines[0]")),
        in_euros(&field("shipping_lines[0].amount")),
        in_euros(&field("shipping_lines[0].tax_amount")),
    ]
    .concat()
}

/// What UpdateOrder can change.
pub(super) fn details(at: &str) -> Vec<Row> {
    let field = |name: &str| format!("{at}.{name}");
    let twenty_one: Vec<_> = (0..21).map(|n| n.to_string()).collect();
    let alike = vec!["same".to_owned(), "same".to_owned()];
    let pair = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
    let pairs = [
        pair("", "v"),
        pair("a b", "v"),
        pair("a\0", "v"),
        pair(&"k".repeat(65), "v"),
        (0..51).map(|n| (n.to_string(), String::new())).collect(),
    ];
    let values = [pair("k", "\0"), pair("k", &"v".repeat(513))];
    let own = vec![
        visible(field("purchase_order_number"), 64),
        required(visible(field("tags[1]"), 64)).unless_left_out(),
        row(field("tags"), [Bad::Texts(twenty_one), Bad::Texts(alike)]),
        row(field("metadata"), pairs.map(Bad::Pairs)),
        row(field("metadata"), values.map(Bad::Pairs)).at(field("metadata.k")),
    ];
    [own, contact(&field("contact")), address(&field("billing_address"))].concat()
}

impl Row {
    /// An element of a list is empty rather than left out.
    fn unless_left_out(mut self) -> Self {
        self.bad.retain(|bad| !matches!(bad, Bad::Unset));
        self.bad.push(Bad::Text(String::new()));
        self
    }
}

fn contact(at: &str) -> Vec<Row> {
    let long = format!("{}@x", "a".repeat(253));
    vec![
        required(one_line(format!("{at}.name"), 200)),
        row(format!("{at}.email"), texts(["a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\0", &long])),
        row(format!("{at}.phone"), texts(["+", "12a", "1\0", "1\n", "٣٤", &"1".repeat(33)])),
    ]
}

pub(super) fn address(at: &str) -> Vec<Row> {
    let field = |name: &str| format!("{at}.{name}");
    vec![
        required(one_line(field("recipient"), 200)),
        one_line(field("organization"), 200),
        required(one_line(field("address_lines[0]"), 200)).unless_left_out(),
        row(field("address_lines"), [Bad::Unset, Bad::Times(6)]),
        required(one_line(field("locality"), 200)),
        one_line(field("administrative_area"), 200),
        one_line(field("postal_code"), 20),
        row(
            field("region_code"),
            [texts(["gb", "XX", "GBR", "G ", "\0\0", "ЖД"]), vec![Bad::Unset]].concat(),
        ),
    ]
}

pub(super) fn line(at: &str) -> Vec<Row> {
    let field = |name: &str| format!("{at}.{name}");
    let own =
        vec![required(visible(field("sku"), 64)), one_line(field("title"), 256), units(field("quantity"))];
    [own, required_amount(&field("unit_price")), amount(&field("tax_amount"))].concat()
}

/// An adjustment of the scope ORDER.
pub(super) fn adjustment(at: &str) -> Vec<Row> {
    let field = |name: &str| format!("{at}.{name}");
    let own = vec![
        choice(field("kind"), 2),
        choice(field("scope"), 3),
        row(field("line_id"), [Bad::Number(1)]),
        required(visible(field("source_code"), 64)),
        one_line(field("reason"), 256),
    ];
    [own, positive(&field("amount"))].concat()
}

pub(super) fn shipping_line(at: &str) -> Vec<Row> {
    let field = |name: &str| format!("{at}.{name}");
    let own = vec![required(visible(field("method"), 64)), one_line(field("title"), 256)];
    [own, required_amount(&field("amount")), amount(&field("tax_amount"))].concat()
}

/// Units of lines, two of them.
pub(super) fn line_units(at: &str) -> Vec<Row> {
    vec![
        part(format!("{at}[0].line_id")),
        row(format!("{at}[1].line_id"), [Bad::Number(1)]),
        units(format!("{at}[1].quantity")),
    ]
}

/// Why something was cancelled or failed.
pub(super) fn cancel_note() -> Row {
    paragraph("note", 512)
}
