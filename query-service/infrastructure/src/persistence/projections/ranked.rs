//! The statement that finds orders by words.

use diesel::{
    QueryResult,
    dsl::sql,
    expression::SqlLiteral,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Bool, Float, Text, Timestamptz, Uuid as SqlUuid},
};
use query_application::{Search, SearchPosition, SearchWords};
use shared_domain::{TenantId, Timestamp};
use shared_infrastructure::search_words::{Lexicon, quoted};
use uuid::Uuid;

/// Of more orders that have the words, only so many are looked at, whichever.
const MOST_RANKED: usize = 10_000;

/// `order`, a query of the order that is the match at hand, for each match, the best ones first; how many is said after it.
///
/// Only one index can answer which documents have the words: `OFFSET 0` keeps all other conditions away from them, and has the
/// orders looked up one by one, only as many as are needed.
#[derive(Debug, Clone)]
pub(in crate::persistence) struct Ranked<Q> {
    order: Q,
    tenant: String,
    required: String,
    any: String,
    after: Option<(f32, Timestamp, Uuid)>,
}

/// Sorts matches: in the inner query, so that they are sorted before their orders are looked up; in the outer one, to have it so.
const SORTED: &str = " ORDER BY m.rank DESC, m.create_time DESC, m.order_id DESC";

/// The condition that an order is the match at hand.
pub(in crate::persistence) fn is_match() -> SqlLiteral<Bool> {
    sql("order_summaries.order_id = m.order_id")
}

impl<Q> Ranked<Q> {
    pub(in crate::persistence) fn new(tenant: &TenantId, search: &Search, order: Q) -> Self {
        let lexicon = Lexicon::of(tenant.as_str());
        let place = |at: SearchPosition| (at.rank, at.create_time, at.order.uuid());
        Self {
            order,
            tenant: tenant.as_str().to_owned(),
            required: required(&lexicon, &search.words),
            any: any(&lexicon, &search.words),
            after: search.after.map(place),
        }
    }
}

/// The `tsquery` of what a document has to have.
fn required(lexicon: &Lexicon, words: &SearchWords) -> String {
    let all: Vec<_> = words.required.iter().map(|word| quoted(&lexicon.word(word))).collect();
    format!("{}:*", all.join(" & "))
}

/// The `tsquery` of what makes a document better. (Of a conjunction, PostgreSQL would rank how close to each other the words are.)
fn any(lexicon: &Lexicon, words: &SearchWords) -> String {
    let required: Vec<_> = words.required.iter().map(|word| quoted(&lexicon.word(word))).collect();
    let last = format!("{}:*", required.join(" | "));
    words.preferred.iter().fold(last, |all, token| format!("{all} | {}", quoted(&lexicon.whole(token))))
}

impl<Q: Query> Query for Ranked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for Ranked<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Ranked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT o.* FROM (SELECT * FROM (SELECT d.order_id, d.create_time, ts_rank(d.document, CAST(",
        );
        out.push_bind_param::<Text, _>(&self.any)?;
        out.push_sql(
            " AS tsquery)) AS rank FROM (SELECT * FROM order_search_entries WHERE document @@ CAST(",
        );
        out.push_bind_param::<Text, _>(&self.required)?;
        out.push_sql(
            " AS tsquery) OFFSET 0) AS d JOIN active_projections AS p ON p.name = 'order_search' \
             AND p.generation = d.generation WHERE d.tenant_id = ",
        );
        out.push_bind_param::<Text, _>(&self.tenant)?;
        out.push_sql(&format!(" LIMIT {MOST_RANKED}) AS m"));
        if let Some((rank, create_time, order)) = &self.after {
            out.push_sql(" WHERE (m.rank, m.create_time, m.order_id) < (");
            out.push_bind_param::<Float, _>(rank)?;
            out.push_sql(", ");
            out.push_bind_param::<Timestamptz, _>(create_time)?;
            out.push_sql(", ");
            out.push_bind_param::<SqlUuid, _>(order)?;
            out.push_sql(")");
        }
        out.push_sql(SORTED);
        out.push_sql(") AS m CROSS JOIN LATERAL (");
        self.order.walk_ast(out.reborrow())?;
        out.push_sql(" OFFSET 0) AS o");
        out.push_sql(SORTED);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_required_the_last_as_a_beginning_and_any_of_them_ranks() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let search = SearchWords { required: words(&["red", "sku", "7"]), preferred: words(&["s'ku\\7"]) };
        let lexicon = Lexicon::of("acme");
        let [red, sku, seven] = ["red", "sku", "7"].map(|word| quoted(&lexicon.word(word)));
        assert_eq!(required(&lexicon, &search), format!("{red} & {sku} & {seven}:*"));
        let whole = quoted(&lexicon.whole("s'ku\\7"));
        assert_eq!(any(&lexicon, &search), format!("{red} | {sku} | {seven}:* | {whole}"));
    }
}
