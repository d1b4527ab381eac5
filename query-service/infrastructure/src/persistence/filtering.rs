//! Typed filters into conditions on `order_summaries`.

use diesel::{dsl::exists, pg::Pg, prelude::*};
use query_application::{Comparison, Filter, OneOf, Term, TimeField};
use shared_domain::{ShortText, TenantId};

use super::views::{
    order_skus,
    order_summaries::{self as orders, dsl},
};
use crate::wire_states::WireState;

/// A query of `order_summaries` that is being put together.
pub(super) type Summaries<'a> = orders::BoxedQuery<'a, Pg>;

/// `$query` with the condition that `$column` compares to `$value`.
macro_rules! compared {
    ($query:expr, $column:expr, $comparison:expr, $value:expr) => {
        match $comparison {
            Comparison::Equal => $query.filter($column.eq($value)),
            Comparison::Less => $query.filter($column.lt($value)),
            Comparison::LessOrEqual => $query.filter($column.le($value)),
            Comparison::Greater => $query.filter($column.gt($value)),
            Comparison::GreaterOrEqual => $query.filter($column.ge($value)),
        }
    };
}

/// `$query` with the condition that the state in `$column` is one of `$states`. A single one is compared with `=`: only
/// then does an index on the state keep the order of what follows in it.
macro_rules! one_of {
    ($query:expr, $column:expr, $states:expr) => {
        match $states {
            OneOf::Not(state) => $query.filter($column.ne(number(*state))),
            OneOf::In(states) => match states.as_slice() {
                [state] => $query.filter($column.eq(number(*state))),
                states => {
                    $query.filter($column.eq_any(states.iter().copied().map(number).collect::<Vec<_>>()))
                }
            },
        }
    };
}

pub(super) use one_of;

/// The orders of a tenant that match the filter.
pub(super) fn matching<'a>(tenant: &'a TenantId, filter: &'a Filter) -> Summaries<'a> {
    let all = orders::table.into_boxed().filter(dsl::tenant_id.eq(tenant.as_str()));
    filter.terms.iter().fold(all, restricted)
}

/// Whether statements with this filter are few enough in form to be kept prepared.
pub(super) fn is_common(filter: &Filter) -> bool {
    const COMMON_TERMS: usize = 2;
    let common = |term: &Term| matches!(term, Term::Customer(_) | Term::State(_));
    filter.terms.len() <= COMMON_TERMS && filter.terms.iter().all(common)
}

fn restricted<'a>(query: Summaries<'a>, term: &'a Term) -> Summaries<'a> {
    match term {
        Term::State(states) => one_of!(query, dsl::state, states),
        Term::PaymentState(states) => one_of!(query, dsl::payment_state, states),
        Term::FulfillmentState(states) => one_of!(query, dsl::fulfillment_state, states),
        Term::Hold(true) => query.filter(dsl::hold_reason.is_not_null()),
        Term::Hold(false) => query.filter(dsl::hold_reason.is_null()),
        Term::Channel(channel) => query.filter(dsl::channel.eq(channel.as_str())),
        Term::Customer(customer) => query.filter(dsl::customer_id.eq(customer.as_str())),
        Term::OrderNumber(number) => query.filter(dsl::order_number.eq(number.as_str())),
        Term::ExternalSource(source) => query.filter(dsl::external_source.eq(source.as_str())),
        Term::ExternalId(id) => query.filter(dsl::external_id.eq(id.as_str())),
        Term::Tag(tag) => query.filter(dsl::tags.has_key(tag.as_str())),
        Term::Metadata(key, value) => {
            let value = value.as_ref().map_or("", ShortText::as_str);
            query.filter(dsl::metadata.retrieve_as_text(key.as_str()).eq(value))
        }
        Term::LineSku(sku) => query.filter(exists(
            order_skus::table
                .filter(order_skus::tenant_id.eq(dsl::tenant_id))
                .filter(order_skus::order_id.eq(dsl::order_id))
                .filter(order_skus::sku.eq(sku.as_str())),
        )),
        Term::Total(comparison, amount) => {
            let query = query.filter(dsl::currency.eq(amount.currency().code()));
            compared!(query, dsl::total, comparison, amount.minor_units())
        }
        Term::Time(TimeField::Create, comparison, time) => {
            compared!(query, dsl::create_time, comparison, *time)
        }
        Term::Time(TimeField::Place, comparison, time) => {
            compared!(query, dsl::place_time, comparison, *time)
        }
        Term::Time(TimeField::Update, comparison, time) => {
            compared!(query, dsl::update_time, comparison, *time)
        }
        Term::Time(TimeField::Complete, comparison, time) => {
            compared!(query, dsl::complete_time, comparison, *time)
        }
    }
}

/// The number of a state, as it is stored.
pub(super) fn number<S: WireState>(state: S) -> i16 {
    i16::try_from(state.number()).expect("the contract numbers few states")
}
