//! Rows of statistics.

use std::sync::Arc;

use query_application::{OrderAggregate, ReadError};
use shared_domain::parse_currency;

use super::aggregation::GroupColumns;
use crate::wire_states::WireState;

/// A row of the statistics holds what makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("the column {column} of the statistics holds {value}")]
struct CorruptStatistics {
    column: &'static str,
    value: String,
}

/// The group that a row is of.
pub(super) fn group(columns: GroupColumns) -> Result<OrderAggregate, ReadError> {
    let (states, payment_states, fulfillment_states, channel, day, currency, order_count, total, balance) =
        columns;
    let sum = |column, text: &str| text.parse().map_err(|_| corrupt(column, text));
    Ok(OrderAggregate {
        state: state("state", states)?,
        payment_state: state("payment_state", payment_states)?,
        fulfillment_state: state("fulfillment_state", fulfillment_states)?,
        channel,
        day,
        currency: parse_currency(&currency).map_err(|_| corrupt("currency", &currency))?,
        order_count,
        total: sum("total_sum", &total)?,
        balance: sum("balance_sum", &balance)?,
    })
}

fn state<S: WireState>(column: &'static str, number: Option<i16>) -> Result<Option<S>, ReadError> {
    let state =
        |number: i16| S::from_number(number.into()).ok_or_else(|| corrupt(column, &number.to_string()));
    number.map(state).transpose()
}

fn corrupt(column: &'static str, value: &str) -> ReadError {
    ReadError::Failed(Arc::new(CorruptStatistics { column, value: value.to_owned() }))
}
