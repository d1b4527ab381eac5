//! The books balance: what the tables hold is recomputed from the rows below, and the read model says the same as the tables.

mod facts;
mod laws;

use tokio_postgres::{Client, Error};

pub use self::facts::in_a_list;
use self::laws::LAWS;

/// Selects a text for each group of orders whose statistics are not those of the orders, and for each order that can be found and is
/// not there, or the other way round.
pub const PROJECTIONS_WRONG: &str = "
    WITH expected AS (SELECT tenant_id, (create_time AT TIME ZONE 'UTC')::date, coalesce(channel, ''), currency, state,
            payment_state, fulfillment_state, count(*), sum(total), sum(balance)
        FROM orders GROUP BY 1, 2, 3, 4, 5, 6, 7),
    actual AS (SELECT * FROM order_statistics)
    SELECT e::text FROM (SELECT * FROM expected EXCEPT SELECT * FROM actual) AS e
    UNION ALL SELECT e::text FROM (SELECT * FROM actual EXCEPT SELECT * FROM expected) AS e
    UNION ALL SELECT order_id::text FROM orders AS o FULL JOIN order_search AS s USING (tenant_id, order_id)
        WHERE o.order_id IS NULL OR s.order_id IS NULL";

/// The laws, by their names.
pub fn laws() -> impl Iterator<Item = &'static str> {
    LAWS.iter().map(|(law, _)| *law)
}

/// Everything that is not as it should be, as a text each: a law that is broken, or an order that the read model shows otherwise than
/// the tables.
///
/// # Errors
/// If the database cannot be asked.
pub async fn broken(sql: &Client) -> Result<Vec<String>, Error> {
    let mut broken = Vec::new();
    for (law, statement) in LAWS {
        for row in sql.query(*statement, &[]).await? {
            broken.push(format!("{law}: {}: {}", row.get::<_, &str>(0), row.get::<_, &str>(1)));
        }
    }
    let (published, stored) = (facts::published(sql).await?, facts::stored(sql).await?);
    for (order, stored) in &stored {
        let published = published.get(order);
        if published != Some(stored) {
            broken
                .push(format!("{order}: the tables hold {stored:?}, and the read model says {published:?}"));
        }
    }
    let otherwise = facts::shown_otherwise(sql).await?;
    broken
        .extend(otherwise.into_iter().map(|order| format!("{order}: lists show something else than it is")));
    let unknown = published.keys().filter(|order| !stored.contains_key(*order));
    broken.extend(unknown.map(|order| format!("{order}: the read model has it, and the tables do not")));
    Ok(broken)
}
