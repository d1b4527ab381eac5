//! The statement that counts orders and sums up their amounts.

use chrono::NaiveDate;
use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Date, Nullable, SmallInt, Text, Timestamptz},
};
use query_application::{AggregateOrders, Aggregates, Dimension, Freshness, OneOf, ReadError};
use shared_domain::{TenantId, Timestamp};
use shared_infrastructure::database::{TransactionId, Xid8};

use super::{active::covers, group_row::group};
use crate::persistence::{
    filtering::{number, one_of},
    views::order_statistics::{self as statistics, dsl},
};

/// See the module. At least one row, if there are statistics at all: what they have in them, and a group if there is any.
pub(super) struct Aggregation<'a> {
    rows: statistics::BoxedQuery<'a, Pg>,
    group_by: &'a [Dimension],
    limit: usize,
}

/// The last commit's transaction, that of the first one that is lacking, until when nothing is lacking, and a group.
pub(super) type AggregationRow =
    (TransactionId, Option<TransactionId>, Option<Timestamp>, Option<GroupColumns>);

/// State, payment state, fulfilment state, channel, day, currency, number of orders, sums of totals and balances. Sums are texts: they
/// can be larger than any integer of PostgreSQL.
pub(super) type GroupColumns =
    (Option<i16>, Option<i16>, Option<i16>, Option<String>, Option<NaiveDate>, String, i64, String, String);

type GroupSql = (
    Nullable<SmallInt>,
    Nullable<SmallInt>,
    Nullable<SmallInt>,
    Nullable<Text>,
    Nullable<Date>,
    Text,
    BigInt,
    Text,
    Text,
);

/// Every dimension in the order of the columns, with its type.
const DIMENSIONS: [(Dimension, &str, &str); 5] = [
    (Dimension::State, "state", "smallint"),
    (Dimension::PaymentState, "payment_state", "smallint"),
    (Dimension::FulfillmentState, "fulfillment_state", "smallint"),
    (Dimension::Channel, "channel", "text"),
    (Dimension::Day, "day", "date"),
];

impl<'a> Aggregation<'a> {
    pub(super) fn new(tenant: &'a TenantId, query: &'a AggregateOrders, limit: usize) -> Self {
        let rows = statistics::table.into_boxed().filter(dsl::tenant_id.eq(tenant.as_str()));
        let filter = &query.filter;
        let rows = filter.states.iter().fold(rows, |rows, states| one_of!(rows, dsl::state, states));
        let rows =
            filter.payment_states.iter().fold(rows, |rows, states| one_of!(rows, dsl::payment_state, states));
        let rows = filter
            .fulfillment_states
            .iter()
            .fold(rows, |rows, states| one_of!(rows, dsl::fulfillment_state, states));
        let channels = filter.channels.iter();
        let rows = channels.fold(rows, |rows, channel| rows.filter(dsl::channel.eq(channel.as_str())));
        let rows = query.first_day.into_iter().fold(rows, |rows, first| rows.filter(dsl::day.ge(first)));
        let rows = query.last_day.into_iter().fold(rows, |rows, last| rows.filter(dsl::day.le(last)));
        Self { rows, group_by: &query.group_by, limit }
    }
}

impl Query for Aggregation<'_> {
    type SqlType = (Xid8, Nullable<Xid8>, Nullable<Timestamptz>, Nullable<GroupSql>);
}

impl QueryId for Aggregation<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Aggregation<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT p.xid, p.next_xid, p.complete_time, g.* FROM active_projections AS p LEFT JOIN LATERAL (SELECT ",
        );
        for (dimension, column, kind) in DIMENSIONS {
            match self.group_by.contains(&dimension) {
                true => out.push_sql(&format!("s.{column}, ")),
                false => out.push_sql(&format!("NULL::{kind} AS {column}, ")),
            }
        }
        out.push_sql(
            "s.currency, sum(s.order_count)::bigint, sum(s.total_sum)::text, sum(s.balance_sum)::text FROM (",
        );
        QueryFragment::<Pg>::walk_ast(&self.rows, out.reborrow())?;
        out.push_sql(") AS s GROUP BY s.currency");
        for (_, column, _) in self.grouped() {
            out.push_sql(&format!(", s.{column}"));
        }
        out.push_sql(&format!(" LIMIT {}", self.limit));
        out.push_sql(") AS g ON true WHERE p.name = 'order_stats_daily' ORDER BY ");
        for (_, column, _) in self.grouped() {
            out.push_sql(&format!("g.{column}, "));
        }
        out.push_sql("g.currency");
        Ok(())
    }
}

impl Aggregation<'_> {
    fn grouped(&self) -> impl Iterator<Item = (Dimension, &'static str, &'static str)> {
        let of = |wanted: &Dimension| DIMENSIONS.into_iter().find(|(dimension, ..)| dimension == wanted);
        self.group_by.iter().filter_map(of)
    }
}

/// What the rows say, which were read after `time`.
pub(super) fn aggregates(
    rows: Vec<AggregationRow>,
    time: Option<Timestamp>,
    demanded: Option<u64>,
) -> Result<Aggregates, ReadError> {
    let Some(&(TransactionId(last), next, complete_time, _)) = rows.first() else {
        return Err(ReadError::Lagging);
    };
    if !covers(next, demanded) {
        return Err(ReadError::Lagging);
    }
    let as_of_time = if next.is_none() { time.max(complete_time) } else { complete_time };
    let newest = demanded.unwrap_or_default().max(last);
    let groups = rows.into_iter().filter_map(|(.., columns)| columns).map(group);
    Ok(Aggregates {
        groups: groups.collect::<Result<_, _>>()?,
        as_of_time,
        freshness: (newest > 0).then(|| Freshness::of_transaction(newest)),
    })
}
