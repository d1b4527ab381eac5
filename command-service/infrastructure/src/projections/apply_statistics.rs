//! The statement that adds what a page changes to the statistics.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Date, SmallInt, Text},
};

use super::{
    moving::Moving,
    statistics::{Group, Sums},
};

/// See the module. Answers with one row: 1 if the page was applied, 0 if the generation was elsewhere.
#[derive(Debug, QueryId)]
pub(super) struct ApplyStatistics {
    moving: Moving,
    tenants: Vec<String>,
    days: Vec<NaiveDate>,
    channels: Vec<String>,
    currencies: Vec<String>,
    states: Vec<i16>,
    payment_states: Vec<i16>,
    fulfillment_states: Vec<i16>,
    orders: Vec<i64>,
    /// As texts: sums can be larger than any integer of PostgreSQL.
    totals: Vec<String>,
    balances: Vec<String>,
}

impl ApplyStatistics {
    pub(super) fn new(moving: Moving, changed: BTreeMap<Group, Sums>) -> Self {
        let column = |sum: fn(&Sums) -> String| changed.values().map(sum).collect();
        let text = |text: fn(&Group) -> &String| changed.keys().map(text).cloned().collect();
        let state = |state: fn(&Group) -> i16| changed.keys().map(state).collect();
        Self {
            moving,
            tenants: text(|group| &group.tenant),
            days: changed.keys().map(|group| group.day).collect(),
            channels: text(|group| &group.channel),
            currencies: text(|group| &group.currency),
            states: state(|group| group.state),
            payment_states: state(|group| group.payment_state),
            fulfillment_states: state(|group| group.fulfillment_state),
            orders: changed.values().map(|sums| sums.orders).collect(),
            totals: column(|sums| sums.total.to_string()),
            balances: column(|sums| sums.balance.to_string()),
        }
    }
}

impl Query for ApplyStatistics {
    type SqlType = BigInt;
}

/// Whoever moved the cursor sees all that was applied before, and nobody applies anything meanwhile: so what a row becomes can be
/// computed from what it is. `OFFSET 0` has the rows looked up one by one, by their whole key.
impl QueryFragment<Pg> for ApplyStatistics {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.moving.walk(&mut out)?;
        out.push_sql(
            ", sums AS (SELECT m.generation, c.tenant_id, c.day, c.channel, c.currency, c.state, c.payment_state, \
             c.fulfillment_state, coalesce(s.order_count, 0) + c.orders AS order_count, \
             coalesce(s.total_sum, 0) + c.total::numeric AS total_sum, \
             coalesce(s.balance_sum, 0) + c.balance::numeric AS balance_sum, s.place \
             FROM moved AS m CROSS JOIN unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(&self.tenants)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Date>, _>(&self.days)?;
        for texts in [&self.channels, &self.currencies] {
            out.push_sql(", ");
            out.push_bind_param::<Array<Text>, _>(texts)?;
        }
        for states in [&self.states, &self.payment_states, &self.fulfillment_states] {
            out.push_sql(", ");
            out.push_bind_param::<Array<SmallInt>, _>(states)?;
        }
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.orders)?;
        for sums in [&self.totals, &self.balances] {
            out.push_sql(", ");
            out.push_bind_param::<Array<Text>, _>(sums)?;
        }
        out.push_sql(
            ") AS c (tenant_id, day, channel, currency, state, payment_state, fulfillment_state, orders, total, balance) \
             LEFT JOIN LATERAL (SELECT ctid AS place, order_count, total_sum, balance_sum FROM order_stats_daily AS r \
             WHERE r.generation = m.generation AND r.tenant_id = c.tenant_id AND r.day = c.day AND r.channel = c.channel \
             AND r.currency = c.currency AND r.state = c.state AND r.payment_state = c.payment_state \
             AND r.fulfillment_state = c.fulfillment_state OFFSET 0) AS s ON true), \
             gone AS (DELETE FROM order_stats_daily AS r USING sums AS s WHERE r.ctid = s.place AND s.order_count = 0), \
             kept AS (INSERT INTO order_stats_daily AS r (generation, tenant_id, day, channel, currency, state, payment_state, \
             fulfillment_state, order_count, total_sum, balance_sum) SELECT generation, tenant_id, day, channel, currency, \
             state, payment_state, fulfillment_state, order_count, total_sum, balance_sum FROM sums WHERE order_count <> 0 \
             ON CONFLICT (generation, tenant_id, day, channel, currency, state, payment_state, fulfillment_state) DO UPDATE \
             SET order_count = excluded.order_count, total_sum = excluded.total_sum, balance_sum = excluded.balance_sum) \
             SELECT count(*) FROM moved",
        );
        Ok(())
    }
}
