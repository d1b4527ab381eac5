//! The filter language as callers see it.

use proptest::prelude::*;
use query_application::{Comparison, TimeField};
use shared_domain::{
    Channel, Code, CustomerId, ExternalId, FulfillmentState, Money, OrderNumber, OrderState, PaymentState,
    ShortText, Sku, Timestamp, parse_currency,
};

use super::*;

fn euros(minor_units: i64) -> Money {
    Money::new(minor_units, parse_currency("EUR").unwrap()).unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn every_documented_term_is_understood() {
    let code = |text| Code::new(text).unwrap();
    let cases = [
        ("state = PLACED", Term::State(OneOf::In(vec![OrderState::Placed]))),
        ("state != DRAFT", Term::State(OneOf::Not(OrderState::Draft))),
        ("(state = DRAFT)", Term::State(OneOf::In(vec![OrderState::Draft]))),
        (
            "(state = PLACED OR state = CONFIRMED)",
            Term::State(OneOf::In(vec![OrderState::Placed, OrderState::Confirmed])),
        ),
        ("payment_state = PARTIALLY_PAID", Term::PaymentState(OneOf::In(vec![PaymentState::PartiallyPaid]))),
        (
            "( fulfillment_state=SHIPPED OR fulfillment_state=DELIVERED )",
            Term::FulfillmentState(OneOf::In(vec![FulfillmentState::Shipped, FulfillmentState::Delivered])),
        ),
        ("hold = true", Term::Hold(true)),
        ("hold=false", Term::Hold(false)),
        ("channel = \"web\"", Term::Channel(Channel::new("web").unwrap())),
        ("customer_id = 'c-42'", Term::Customer(CustomerId::new("c-42").unwrap())),
        ("order_number = \"ORD-10000001\"", Term::OrderNumber(OrderNumber::stored("ORD-10000001".into()))),
        ("external_reference.source = \"shop\"", Term::ExternalSource(code("shop"))),
        ("external_reference.id = \"4711\"", Term::ExternalId(ExternalId::new("4711").unwrap())),
        ("tags:\"gift\"", Term::Tag(code("gift"))),
        ("metadata.color = \"dark red\"", Term::Metadata(code("color"), ShortText::new("dark red").ok())),
        ("metadata.\"a.b\" = \"\"", Term::Metadata(code("a.b"), None)),
        ("lines.sku:\"SKU-1\"", Term::LineSku(Sku::new("SKU-1").unwrap())),
        ("total >= \"100.00 EUR\"", Term::Total(Comparison::GreaterOrEqual, euros(10_000))),
        ("total < \"1 EUR\"", Term::Total(Comparison::Less, euros(100))),
        (
            "create_time >= \"2026-01-31T00:00:00Z\"",
            Term::Time(TimeField::Create, Comparison::GreaterOrEqual, time("2026-01-31T00:00:00Z")),
        ),
        (
            "complete_time <= \"2026-01-31T00:00:00+02:00\"",
            Term::Time(TimeField::Complete, Comparison::LessOrEqual, time("2026-01-30T22:00:00Z")),
        ),
    ];
    for (filter, term) in cases {
        assert_eq!(parse(filter), Ok(Filter { terms: vec![term] }), "{filter}");
    }
}

#[test]
fn terms_are_joined_by_and() {
    let filter = parse("hold = true AND (state = PLACED OR state = CONFIRMED)\nAND tags:\"AND\"").unwrap();
    assert_eq!(filter.terms.len(), 3);
    assert_eq!(parse(" \n"), Ok(Filter::default()));
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    let states = "must be one of DRAFT, PLACED, CONFIRMED, COMPLETED, CANCELLED";
    let one_field = "`OR` joins values of one and the same state field, each with `=`";
    for (filter, character, problem) in [
        ("state", 6, "expected an operator, found the end"),
        ("state =", 8, "expected a value, found the end"),
        ("state = = DRAFT", 9, "expected a value, found `=`"),
        ("= DRAFT", 1, "expected a field, found `=`"),
        ("state = placed", 9, states),
        ("state = UNSPECIFIED", 9, states),
        ("state = \"PLACED\"", 9, "must be a state without quotes, such as DRAFT"),
        ("state > DRAFT", 7, "`state` takes `=` or `!=`, not `>`"),
        ("colour = \"red\"", 1, "`colour` is no field to filter by"),
        ("state.x = DRAFT", 1, "`state.x` is no field to filter by"),
        ("external_reference = \"x\"", 1, "`external_reference` is no field to filter by"),
        ("metadata = \"x\"", 1, "`metadata` needs a key, as in `metadata.color`"),
        ("metadata.a.b = \"x\"", 1, "a key with a dot goes into quotes, as in `metadata.\"a.b\"`"),
        ("metadata. = \"x\"", 11, "expected a name after the dot, found `=`"),
        ("metadata.\"a b\" = \"x\"", 1, "a key of metadata must be 1 to 64 visible characters"),
        ("hold = yes", 8, "must be true or false"),
        ("hold != true", 6, "`hold` takes `=`, not `!=`"),
        ("tags = \"gift\"", 6, "`tags` takes `:`, not `=`"),
        ("channel = web", 11, "must be in quotes"),
        ("channel = \"\"", 11, "must be 1 to 64 visible characters"),
        ("customer_id = \"a\u{0}b\"", 15, "must be 1 to 128 visible characters"),
        ("order_number = \"\u{0}\"", 16, "must be 1 to 64 visible characters"),
        (
            "metadata.k = \"\u{0}\"",
            14,
            "must be 1 to 512 characters without control characters but line feed and tab",
        ),
        ("total > 100", 9, "must be in quotes"),
        ("total > \"100\"", 9, "must be an amount and its currency, such as \"100.00 EUR\""),
        ("total != \"1 EUR\"", 7, "`total` takes `=`, `<`, `<=`, `>` or `>=`, not `!=`"),
        ("create_time > \"yesterday\"", 15, "must be an RFC 3339 time, such as \"2026-01-31T00:00:00Z\""),
        ("hold = true hold = true", 13, "expected `AND` or the end, found `hold`"),
        ("hold = true and hold = true", 13, "expected `AND` or the end, found `and`"),
        ("hold = true AND", 16, "expected a field, found the end"),
        ("state = DRAFT OR state = PLACED", 15, "expected `AND` or the end, found `OR`"),
        ("(state = DRAFT", 15, "expected `OR` or `)`, found the end"),
        ("(state = DRAFT AND hold = true)", 16, "expected `OR` or `)`, found `AND`"),
        ("((state = DRAFT))", 2, "expected a field, found `(`"),
        ("()", 2, "expected a field, found `)`"),
        ("(state = DRAFT OR payment_state = PAID)", 19, one_field),
        ("(state = DRAFT OR state != PLACED)", 19, one_field),
        ("(hold = true OR hold = false)", 17, one_field),
        ("tags:\"ä\" AND x = 1", 14, "`x` is no field to filter by"),
    ] {
        assert_eq!(parse(filter), Err(FilterError { character, problem: problem.into() }), "{filter}");
    }
}

#[test]
fn filters_are_bounded() {
    let joined = |count| vec!["hold = true"; count].join(" AND ");
    assert_eq!(parse(&joined(20)).unwrap().terms.len(), 20);
    assert_eq!(parse(&joined(21)).unwrap_err().problem, "a filter has at most 20 terms");
    let alternatives = vec!["state = DRAFT"; 21].join(" OR ");
    assert_eq!(parse(&format!("({alternatives})")).unwrap_err().problem, "a filter has at most 20 terms");
    assert_eq!(parse(&" ".repeat(2_048)), Ok(Filter::default()));
    assert_eq!(parse(&" ".repeat(2_049)).unwrap_err().problem, "a filter has at most 2,048 bytes");
}

/// A text in quotes, as a careful caller writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A term, and how a caller writes it.
fn written_term() -> impl Strategy<Value = (String, Term)> {
    let visible = "[!-~äß€]{1,64}";
    let state =
        prop_oneof![Just(OrderState::Draft), Just(OrderState::Confirmed), Just(OrderState::Cancelled)];
    let micros = -62_000_000_000_000_000i64..250_000_000_000_000_000;
    prop_oneof![
        (state.clone(), any::<bool>()).prop_map(|(state, not)| match not {
            true => (format!("state != {}", state.name()), Term::State(OneOf::Not(state))),
            false => (format!("state={}", state.name()), Term::State(OneOf::In(vec![state]))),
        }),
        prop::collection::vec(state, 1..4).prop_map(|states| {
            let values: Vec<_> = states.iter().map(|state| format!("state = {}", state.name())).collect();
            (format!("( {} )", values.join(" OR ")), Term::State(OneOf::In(states)))
        }),
        visible.prop_map(|text| (format!("tags:{}", quoted(&text)), Term::Tag(Code::new(text).unwrap()))),
        visible.prop_map(|text| {
            (format!("customer_id = {}", quoted(&text)), Term::Customer(CustomerId::new(text).unwrap()))
        }),
        (visible, "[ -~\n\tä]{0,512}").prop_map(|(key, value)| {
            let written = format!("metadata.{} = {}", quoted(&key), quoted(&value));
            (written, Term::Metadata(Code::new(key).unwrap(), ShortText::new(value).ok()))
        }),
        (0..=Money::MAX).prop_map(|minor_units| {
            let amount = euros(minor_units);
            (format!("total <= \"{amount}\""), Term::Total(Comparison::LessOrEqual, amount))
        }),
        micros.prop_map(|micros| {
            let time = Timestamp::from_timestamp_micros(micros).unwrap();
            let written = format!("update_time > {}", quoted(&time.to_rfc3339()));
            (written, Term::Time(TimeField::Update, Comparison::Greater, time))
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(written in prop::collection::vec(written_term(), 0..6)) {
        let (texts, terms): (Vec<_>, Vec<_>) = written.into_iter().unzip();
        let text = texts.join(" AND ");
        prop_assume!(text.len() <= MAX_BYTES);
        prop_assert_eq!(parse(&text), Ok(Filter { terms }));
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>()) {
        parse(&text).ok();
    }

    #[test]
    fn near_filters_do_not_make_it_panic(
        words in prop::collection::vec(
            prop_oneof![
                Just("state".to_owned()), Just("metadata".to_owned()), Just("AND".to_owned()), Just("OR".to_owned()),
                Just("(".to_owned()), Just(")".to_owned()), Just(".".to_owned()), Just("=".to_owned()),
                Just(":".to_owned()), Just("\"ä".to_owned()), Just("\\".to_owned()), Just("PLACED".to_owned()),
                any::<char>().prop_map(String::from),
            ],
            0..40,
        ),
    ) {
        if let Err(error) = parse(&words.concat()) {
            prop_assert!(error.character <= words.concat().chars().count() + 1);
        }
    }
}
