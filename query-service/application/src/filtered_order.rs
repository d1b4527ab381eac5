//! Filters on an order at hand. What they match here is what they match in the storage; a test compares the two.

use shared_domain::{Currency, FulfillmentState, OrderState, PaymentState, Timestamp};

use crate::{Comparison, Filter, OneOf, Term, TimeField};

/// What filters look at in an order. Absent texts are none, not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the order")]
pub struct FilteredOrder {
    pub state: OrderState,
    pub payment_state: PaymentState,
    pub fulfillment_state: FulfillmentState,
    pub is_on_hold: bool,
    pub channel: Option<String>,
    pub customer: Option<String>,
    pub order_number: Option<String>,
    pub external_source: Option<String>,
    pub external_id: Option<String>,
    pub tags: Vec<String>,
    pub metadata: Vec<(String, String)>,
    pub skus: Vec<String>,
    pub currency: Currency,
    /// In minor units of the currency.
    pub total: i64,
    pub create_time: Timestamp,
    pub update_time: Timestamp,
    pub place_time: Option<Timestamp>,
    pub complete_time: Option<Timestamp>,
}

impl Filter {
    /// Whether the order matches every term.
    #[must_use]
    pub fn matches(&self, order: &FilteredOrder) -> bool {
        self.terms.iter().all(|term| term.matches(order))
    }
}

impl Term {
    fn matches(&self, order: &FilteredOrder) -> bool {
        let is = |field: &Option<String>, text: &str| field.as_deref() == Some(text);
        match self {
            Self::State(states) => states.contains(order.state),
            Self::PaymentState(states) => states.contains(order.payment_state),
            Self::FulfillmentState(states) => states.contains(order.fulfillment_state),
            Self::Hold(held) => order.is_on_hold == *held,
            Self::Channel(channel) => is(&order.channel, channel.as_str()),
            Self::Customer(customer) => is(&order.customer, customer.as_str()),
            Self::OrderNumber(number) => is(&order.order_number, number.as_str()),
            Self::ExternalSource(source) => is(&order.external_source, source.as_str()),
            Self::ExternalId(id) => is(&order.external_id, id.as_str()),
            Self::Tag(tag) => order.tags.iter().any(|has| has == tag.as_str()),
            Self::Metadata(key, value) => {
                let value = value.as_ref().map_or("", |value| value.as_str());
                order.metadata.iter().any(|(has, its)| has == key.as_str() && its == value)
            }
            Self::LineSku(sku) => order.skus.iter().any(|has| has == sku.as_str()),
            Self::Total(comparison, amount) => {
                order.currency == amount.currency() && comparison.holds(&order.total, &amount.minor_units())
            }
            Self::Time(field, comparison, time) => {
                let its = match field {
                    TimeField::Create => Some(order.create_time),
                    TimeField::Place => order.place_time,
                    TimeField::Update => Some(order.update_time),
                    TimeField::Complete => order.complete_time,
                };
                its.is_some_and(|its| comparison.holds(&its, time))
            }
        }
    }
}

impl<S: PartialEq> OneOf<S> {
    fn contains(&self, state: S) -> bool {
        match self {
            Self::In(states) => states.contains(&state),
            Self::Not(other) => *other != state,
        }
    }
}

impl Comparison {
    fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}
