//! Counts orders and sums up their amounts, group by group.

use chrono::NaiveDate;
use shared_domain::{Channel, Currency, FulfillmentState, InvalidValue, OrderState, PaymentState, Timestamp};

use crate::{Filter, Freshness, OneOf, OrderProjections, QueryError, ReadContext, Term};

/// What to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateOrders {
    /// Which orders.
    pub filter: StatisticsFilter,
    /// The first day of creation, in UTC; none to begin with the first order.
    pub first_day: Option<NaiveDate>,
    /// The last day of creation, in UTC; none to end with the last order.
    pub last_day: Option<NaiveDate>,
    /// What makes a group, besides the currency. No dimension twice.
    pub group_by: Vec<Dimension>,
}

impl AggregateOrders {
    /// The most groups in an answer.
    pub const MAX_GROUPS: usize = 10_000;
}

/// What orders can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Dimension {
    State,
    PaymentState,
    FulfillmentState,
    Channel,
    Day,
}

/// A conjunction of what statistics can tell orders by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the order")]
pub struct StatisticsFilter {
    pub states: Vec<OneOf<OrderState>>,
    pub payment_states: Vec<OneOf<PaymentState>>,
    pub fulfillment_states: Vec<OneOf<FulfillmentState>>,
    pub channels: Vec<Channel>,
}

impl TryFrom<Filter> for StatisticsFilter {
    type Error = InvalidValue;

    fn try_from(filter: Filter) -> Result<Self, InvalidValue> {
        let mut told = Self::default();
        for term in filter.terms {
            match term {
                Term::State(states) => told.states.push(states),
                Term::PaymentState(states) => told.payment_states.push(states),
                Term::FulfillmentState(states) => told.fulfillment_states.push(states),
                Term::Channel(channel) => told.channels.push(channel),
                _ => {
                    let fields = "`state`, `payment_state`, `fulfillment_state` and `channel`";
                    return Err(InvalidValue(format!("can have terms on {fields} only")));
                }
            }
        }
        Ok(told)
    }
}

/// The orders of one group and one currency. Of the dimensions, those are there that were grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the order")]
pub struct OrderAggregate {
    pub state: Option<OrderState>,
    pub payment_state: Option<PaymentState>,
    pub fulfillment_state: Option<FulfillmentState>,
    /// Empty for orders without one.
    pub channel: Option<String>,
    /// The day of creation, in UTC.
    pub day: Option<NaiveDate>,
    pub currency: Currency,
    /// How many orders there are.
    pub order_count: i64,
    /// The sum of their totals, in minor units.
    pub total: i128,
    /// The sum of their balances, in minor units.
    pub balance: i128,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregates {
    /// The groups that have orders, sorted by what they are grouped by and then by currency.
    pub groups: Vec<OrderAggregate>,
    /// All that was committed until then is counted. None if that is not known: right after the statistics were built.
    pub as_of_time: Option<Timestamp>,
    /// How new it is; none if nothing was ever counted.
    pub freshness: Option<Freshness>,
}

/// Answers [`AggregateOrders`].
#[derive(Debug, Clone)]
pub struct AggregateOrdersHandler<P> {
    projections: P,
}

impl<P: OrderProjections> AggregateOrdersHandler<P> {
    /// Reads from `projections`.
    pub fn new(projections: P) -> Self {
        Self { projections }
    }

    /// The groups.
    ///
    /// # Errors
    /// [`QueryError::TooManyGroups`] or [`QueryError::Read`].
    pub async fn handle(
        &self,
        query: AggregateOrders,
        context: &ReadContext,
    ) -> Result<Aggregates, QueryError> {
        let most = AggregateOrders::MAX_GROUPS;
        let aggregates = self.projections.aggregate(context, &query, most + 1).await?;
        if aggregates.groups.len() > most {
            return Err(QueryError::TooManyGroups);
        }
        Ok(aggregates)
    }
}
