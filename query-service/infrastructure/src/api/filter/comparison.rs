//! One comparison of a filter: a field, an operator and a value, into a term.

use query_application::{Comparison, OneOf, Term};
use shared_domain::{Channel, Code, CustomerId, ExternalId, InvalidValue, OrderNumber, ShortText, Sku};

use super::{
    field::Field,
    lexer::{Operator, TokenKind},
    values,
};
use crate::wire_states::WireState;

/// What is wrong with a comparison.
#[derive(Debug)]
pub(super) enum Mismatch {
    /// The field does not take the operator; the text says which it takes.
    Operator(&'static str),
    /// The field does not take the value; the text says why.
    Value(String),
}

impl From<InvalidValue> for Mismatch {
    fn from(invalid: InvalidValue) -> Self {
        Self::Value(invalid.to_string())
    }
}

/// The term for `field operator value`.
pub(super) fn term(field: Field, operator: Operator, value: &TokenKind<'_>) -> Result<Term, Mismatch> {
    Ok(match field {
        Field::State => Term::State(one_of(operator, value)?),
        Field::PaymentState => Term::PaymentState(one_of(operator, value)?),
        Field::FulfillmentState => Term::FulfillmentState(one_of(operator, value)?),
        Field::Hold => {
            only(Operator::Equal, operator)?;
            Term::Hold(truth(value)?)
        }
        Field::Channel => Term::Channel(Channel::new(equal(operator, value)?)?),
        Field::Customer => Term::Customer(CustomerId::new(equal(operator, value)?)?),
        Field::OrderNumber => Term::OrderNumber(order_number(equal(operator, value)?)?),
        Field::ExternalSource => Term::ExternalSource(Code::new(equal(operator, value)?)?),
        Field::ExternalId => Term::ExternalId(ExternalId::new(equal(operator, value)?)?),
        Field::Metadata(key) => {
            let text = Some(equal(operator, value)?).filter(|text| !text.is_empty());
            Term::Metadata(key, text.map(ShortText::new).transpose()?)
        }
        Field::Tags => Term::Tag(Code::new(has(operator, value)?)?),
        Field::LineSku => Term::LineSku(Sku::new(has(operator, value)?)?),
        Field::Total => Term::Total(order(operator)?, values::amount(text(value)?)?),
        Field::Time(field) => Term::Time(field, order(operator)?, values::time(text(value)?)?),
    })
}

/// An order number: any, as long as it could be one.
pub(crate) fn order_number(number: &str) -> Result<OrderNumber, InvalidValue> {
    Code::new(number).map(|number| OrderNumber::stored(number.as_str().to_owned()))
}

fn one_of<S: WireState>(operator: Operator, value: &TokenKind<'_>) -> Result<OneOf<S>, Mismatch> {
    if !matches!(operator, Operator::Equal | Operator::NotEqual) {
        return Err(Mismatch::Operator("`=` or `!=`"));
    }
    let TokenKind::Word(name) = value else {
        return Err(Mismatch::Value(format!("must be a state without quotes, such as {}", S::names()[0])));
    };
    let state = S::from_name(name);
    let state = state.ok_or_else(|| Mismatch::Value(format!("must be one of {}", S::names().join(", "))))?;
    Ok(if operator == Operator::Equal { OneOf::In(vec![state]) } else { OneOf::Not(state) })
}

fn truth(value: &TokenKind<'_>) -> Result<bool, Mismatch> {
    match value {
        TokenKind::Word("true") => Ok(true),
        TokenKind::Word("false") => Ok(false),
        _ => Err(Mismatch::Value("must be true or false".into())),
    }
}

fn equal<'v>(operator: Operator, value: &'v TokenKind<'_>) -> Result<&'v str, Mismatch> {
    only(Operator::Equal, operator)?;
    text(value)
}

fn has<'v>(operator: Operator, value: &'v TokenKind<'_>) -> Result<&'v str, Mismatch> {
    only(Operator::Has, operator)?;
    text(value)
}

fn only(taken: Operator, operator: Operator) -> Result<(), Mismatch> {
    match operator == taken {
        true => Ok(()),
        false if taken == Operator::Has => Err(Mismatch::Operator("`:`")),
        false => Err(Mismatch::Operator("`=`")),
    }
}

fn text<'v>(value: &'v TokenKind<'_>) -> Result<&'v str, Mismatch> {
    match value {
        TokenKind::Text(text) => Ok(text),
        _ => Err(Mismatch::Value("must be in quotes".into())),
    }
}

fn order(operator: Operator) -> Result<Comparison, Mismatch> {
    match operator {
        Operator::Equal => Ok(Comparison::Equal),
        Operator::Less => Ok(Comparison::Less),
        Operator::LessOrEqual => Ok(Comparison::LessOrEqual),
        Operator::Greater => Ok(Comparison::Greater),
        Operator::GreaterOrEqual => Ok(Comparison::GreaterOrEqual),
        Operator::NotEqual | Operator::Has => Err(Mismatch::Operator("`=`, `<`, `<=`, `>` or `>=`")),
    }
}
