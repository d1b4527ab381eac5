//! How many pages the floors' statements touch, as PostgreSQL itself counts them.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    bed::Site,
    dataset::{Spread, names},
    floors::{get_query, list_query, place_statement},
    workloads::Kind,
};

/// How many runs of a statement are counted.
const RUNS: u64 = 20;
/// Begins the digits of the orders that are placed here, and not kept.
const FIRST_NEW: u64 = 990_000_000_000;

/// Pages of tables and indexes that the statement of a workload touches, in the mean.
pub(super) async fn buffers(site: &Site, kind: Kind) -> Result<f64> {
    let mut sum = 0.0;
    for run in 0..RUNS {
        let nth = |spread: Spread| spread.nth(run * spread.count() / RUNS);
        let customer = format!("'{}'", names::customer_digits(nth(site.orders.active)));
        let order = format!("'{}'", names::order_digits(nth(site.orders.read)));
        let statement = match kind {
            Kind::Get => get_query().replace(":o", &order),
            Kind::List => list_query().replace(":c", &customer),
            _ => {
                let new = format!("'{}'", FIRST_NEW + run);
                place_statement(&site.sampled.placed).replace(":n", &new).replace(":c", &customer)
            }
        };
        sum += explain(site, &statement).await?;
    }
    Ok(sum / RUNS as f64)
}

/// Runs a statement, takes back what it has done, and answers with the pages that it has touched.
async fn explain(site: &Site, statement: &str) -> Result<f64> {
    let query = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}");
    site.client.batch_execute("BEGIN").await?;
    let explained = site.client.simple_query(&query).await;
    site.client.batch_execute("ROLLBACK").await?;
    let explained = explained.with_context(|| query.clone())?;
    let plan = explained.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plan: Value = serde_json::from_str(plan.context("EXPLAIN has said nothing")?)?;
    Ok(touched(&plan[0]["Plan"]))
}

/// The pages of a whole plan. The top counts what is below it, but for steps of a WITH that it takes nothing from.
fn touched(plan: &Value) -> f64 {
    let own = |plan: &Value| {
        let count = |key: &str| plan[key].as_f64().unwrap_or(0.0);
        count("Shared Hit Blocks") + count("Shared Read Blocks")
    };
    let steps = plan["Plans"].as_array().into_iter().flatten();
    let steps =
        steps.filter(|step| step["Subplan Name"].as_str().is_some_and(|name| name.starts_with("CTE ")));
    own(plan) + steps.map(own).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_of_a_with_are_counted_and_what_the_top_has_counted_is_not_counted_twice() {
        let plan = json!({
            "Shared Hit Blocks": 5, "Shared Read Blocks": 1,
            "Plans": [
                { "Subplan Name": "CTE step0", "Shared Hit Blocks": 10, "Shared Read Blocks": 0 },
                { "Parent Relationship": "Outer", "Shared Hit Blocks": 3, "Shared Read Blocks": 0 },
            ],
        });
        assert_eq!(touched(&plan), 16.0);
    }
}
