//! AggregateOrders: the request into a query, groups into the answer.

use chrono::{Datelike, NaiveDate};
use orders_proto::orders::v1::{self, AggregateOrdersRequest, AggregateOrdersResponse};
use query_application::{
    AggregateOrders, Aggregates, Dimension, Freshness, OrderAggregate, StatisticsFilter,
};
use shared_domain::InvalidValue;
use shared_infrastructure::{
    errors::ErrorReason,
    wire::{sum, timestamp},
};
use tonic::Status;

use super::{call::at_least, filter, violations::Violations};
use crate::wire_states::WireState;

const DAY: &str = "%Y-%m-%d";

/// The query of AggregateOrders.
pub(super) fn decode(
    request: AggregateOrdersRequest,
) -> Result<(AggregateOrders, Option<Freshness>), Status> {
    let mut violations = Violations::default();
    let filter = filter::parse(&request.filter).map_err(|error| error.to_string());
    let filter =
        filter.and_then(|filter| StatisticsFilter::try_from(filter).map_err(|invalid| invalid.to_string()));
    let filter = violations.check("filter", ErrorReason::InvalidFilter, filter);
    let first_day = violations.field("first_day", day(&request.first_day));
    let last_day = violations.field("last_day", day(&request.last_day));
    if let (Some(Some(first)), Some(Some(last))) = (first_day, last_day)
        && first > last
    {
        violations.add("last_day", ErrorReason::InvalidField, "must not be before first_day");
    }
    let mut group_by = Vec::new();
    for (place, number) in request.group_by.iter().enumerate() {
        let field = format!("group_by[{place}]");
        let Some(dimension) = violations.field(&field, dimension(*number)) else { continue };
        if group_by.contains(&dimension) {
            violations.add(field, ErrorReason::InvalidField, "repeats a dimension");
        }
        group_by.push(dimension);
    }
    let at_least = at_least(&request.consistency_token, &mut violations);
    let decoded = || {
        let (filter, first_day, last_day) = (filter?, first_day?, last_day?);
        Some((AggregateOrders { filter, first_day, last_day, group_by }, at_least?))
    };
    violations.or(decoded())
}

/// A day, such as `2026-01-31`; none if there is no text.
fn day(text: &str) -> Result<Option<NaiveDate>, InvalidValue> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = NaiveDate::parse_from_str(text, DAY).ok();
    // The parser takes days with fewer digits too, and years with more.
    let day = day.filter(|day| (1..=9999).contains(&day.year()) && day.format(DAY).to_string() == text);
    day.map(Some).ok_or_else(|| InvalidValue("must be a day, such as 2026-01-31".into()))
}

fn dimension(number: i32) -> Result<Dimension, InvalidValue> {
    match v1::OrderDimension::try_from(number) {
        Ok(v1::OrderDimension::State) => Ok(Dimension::State),
        Ok(v1::OrderDimension::PaymentState) => Ok(Dimension::PaymentState),
        Ok(v1::OrderDimension::FulfillmentState) => Ok(Dimension::FulfillmentState),
        Ok(v1::OrderDimension::Channel) => Ok(Dimension::Channel),
        Ok(v1::OrderDimension::Day) => Ok(Dimension::Day),
        Ok(v1::OrderDimension::Unspecified) | Err(_) => {
            Err(InvalidValue("must be a dimension of OrderDimension".into()))
        }
    }
}

/// The answer. A sum that is too large for it is the caller's to make smaller.
pub(super) fn encode(aggregates: Aggregates) -> Result<AggregateOrdersResponse, Status> {
    let Aggregates { groups, as_of_time, .. } = aggregates;
    let groups: Option<_> = groups.into_iter().map(group).collect();
    let Some(aggregates) = groups else {
        let mut violations = Violations::default();
        let problem = "must make smaller groups: a sum of amounts is beyond 2^63 units of its currency";
        violations.add("group_by", ErrorReason::MoneyOutOfRange, problem);
        return violations.or(None);
    };
    Ok(AggregateOrdersResponse { aggregates, as_of_time: as_of_time.map(timestamp) })
}

fn group(group: OrderAggregate) -> Option<v1::OrderAggregate> {
    Some(v1::OrderAggregate {
        state: number(group.state),
        payment_state: number(group.payment_state),
        fulfillment_state: number(group.fulfillment_state),
        channel: group.channel.unwrap_or_default(),
        day: group.day.map(|day| day.format(DAY).to_string()).unwrap_or_default(),
        currency_code: group.currency.code().to_owned(),
        order_count: group.order_count,
        total: Some(sum(group.total, group.currency)?),
        balance: Some(sum(group.balance, group.currency)?),
    })
}

fn number<S: WireState>(state: Option<S>) -> i32 {
    state.map(S::number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use shared_domain::Currency;

    use super::*;

    #[test]
    fn days_are_written_out() {
        let leap_day = NaiveDate::from_ymd_opt(2028, 2, 29).unwrap();
        assert_eq!(day("2028-02-29"), Ok(Some(leap_day)));
        assert_eq!(day(""), Ok(None));
        for bad in [
            "2026-02-29",
            "2026-1-31",
            "26-01-31",
            "2026-01-31T00:00:00Z",
            " 2026-01-31",
            "+12026-01-31",
            "today",
        ] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sum_that_no_message_can_say_is_refused() {
        let aggregates = |total| Aggregates {
            groups: vec![OrderAggregate {
                state: None,
                payment_state: None,
                fulfillment_state: None,
                channel: None,
                day: None,
                currency: Currency::EUR,
                order_count: 1,
                total,
                balance: -total,
            }],
            as_of_time: None,
            freshness: None,
        };
        let most = i128::from(i64::MAX) * 100;
        let told = encode(aggregates(most)).unwrap().aggregates.remove(0);
        assert_eq!((told.total.unwrap().units, told.balance.unwrap().units), (i64::MAX, -i64::MAX));
        assert_eq!(encode(aggregates(most + 100)).unwrap_err().code(), tonic::Code::InvalidArgument);
    }
}
