//! Which orders a list is of. Everything in a filter is typed and checked: nothing is left to parse.

use shared_domain::{
    Channel, Code, CustomerId, ExternalId, FulfillmentState, Money, OrderNumber, OrderState, PaymentState,
    ShortText, Sku, Timestamp,
};

/// A conjunction: an order matches if every term does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The terms.
    pub terms: Vec<Term>,
}

/// A condition on an order. One without the field never matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Its lifecycle state.
    State(OneOf<OrderState>),
    /// What was paid of it.
    PaymentState(OneOf<PaymentState>),
    /// What was sent of it.
    FulfillmentState(OneOf<FulfillmentState>),
    /// Whether it is on hold.
    Hold(bool),
    /// Where it came from.
    Channel(Channel),
    /// Whose it is.
    Customer(CustomerId),
    /// Its number.
    OrderNumber(OrderNumber),
    /// The other system that knows it.
    ExternalSource(Code),
    /// Its id in another system.
    ExternalId(ExternalId),
    /// It has this tag.
    Tag(Code),
    /// It has this pair; no text is the empty text.
    Metadata(Code, Option<ShortText>),
    /// It has a line with this stock keeping unit.
    LineSku(Sku),
    /// Its total, in the currency of the amount.
    Total(Comparison, Money),
    /// One of its times.
    Time(TimeField, Comparison, Timestamp),
}

/// A set of states to be in or not to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OneOf<S> {
    /// Any of these; never empty.
    In(Vec<S>),
    /// Any but this.
    Not(S),
}

/// How to compare: the order's value on the left, the term's on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A time of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TimeField {
    Create,
    Place,
    Update,
    Complete,
}
