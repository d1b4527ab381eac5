//! The generations of the projections: which there are, where each has got to, and how one takes the place of another.

use std::error::Error;

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Integer, Text},
};
use diesel_async::RunQueryDsl;
use shared_infrastructure::{
    database::{Connection, StatementError, TransactionId, Xid8},
    feed::FeedPosition,
};
use uuid::Uuid;

/// What is computed from the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Projection {
    /// How many orders there are and what they amount to.
    OrderStatsDaily,
    /// The words that orders are found by.
    OrderSearch,
}

impl Projection {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::OrderStatsDaily, Self::OrderSearch];

    /// The name, which is that of its table too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderStatsDaily => "order_stats_daily",
            Self::OrderSearch => "order_search",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|projection| projection.name() == name)
    }
}

/// Why a projection does not get on.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database is in the way.
    #[error("a statement of the projections failed")]
    Database(#[from] StatementError),
    /// A stored state makes no sense. Nothing can be counted past it until that is put right.
    #[error("order {order} of tenant {tenant} cannot be read")]
    Corrupt {
        /// Whose order.
        tenant: String,
        /// Which order.
        order: Uuid,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl ProjectionError {
    pub(super) fn corrupt(tenant: &str, order: Uuid, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Corrupt { tenant: tenant.to_owned(), order, source: Box::new(source) }
    }
}

/// What a generation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be read once it has caught up.
    Building,
    /// To be read.
    Active,
    /// To be deleted.
    Retired,
}

/// A computation of a projection from the first commit on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation {
    pub(super) projection: Projection,
    pub(super) number: i32,
    pub(super) purpose: Purpose,
    /// Everything up to there is in it.
    pub(super) cursor: FeedPosition,
}

#[derive(QueryableByName)]
struct GenerationRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    generation: i32,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Xid8)]
    xid: TransactionId,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

impl GenerationRow {
    /// None for what a newer program follows.
    fn known(self) -> Option<Generation> {
        let purpose = match self.state.as_str() {
            "building" => Purpose::Building,
            "active" => Purpose::Active,
            _ => Purpose::Retired,
        };
        Some(Generation {
            projection: Projection::named(&self.name)?,
            number: self.generation,
            purpose,
            cursor: FeedPosition { transaction: self.xid, position: self.position },
        })
    }
}

/// All generations that there are.
pub(super) async fn load(connection: &mut Connection) -> QueryResult<Vec<Generation>> {
    let query =
        sql_query("SELECT name, generation, state, xid, position FROM projections ORDER BY name, generation");
    let rows: Vec<GenerationRow> = query.load(connection).await?;
    Ok(rows.into_iter().filter_map(GenerationRow::known).collect())
}

/// Begins a generation, unless one is being built already: whether it did.
pub(super) async fn begin(connection: &mut Connection, projection: Projection) -> QueryResult<bool> {
    // The rows are locked, so that two who begin at once do not come to the same number.
    let insert = sql_query(
        "WITH all_of_it AS (SELECT generation FROM projections WHERE name = $1 ORDER BY generation FOR UPDATE) \
         INSERT INTO projections (name, generation, state) \
         SELECT $1, coalesce(max(generation), 0) + 1, 'building' FROM all_of_it \
         ON CONFLICT (name) WHERE state = 'building' DO NOTHING",
    );
    Ok(insert.bind::<Text, _>(projection.name()).execute(connection).await? == 1)
}

/// Has the generation that was built read in place of the one that is active, if it has got as far as that one: whether it is read
/// now. Nobody who has read the old one sees an older state afterwards.
pub(super) async fn activate(connection: &mut Connection, built: Generation) -> QueryResult<bool> {
    // The rows are locked, so both cursors are where they are until this is done.
    let update = sql_query(
        "WITH all_of_it AS (SELECT * FROM projections WHERE name = $1 ORDER BY generation FOR UPDATE), \
         built AS (SELECT * FROM all_of_it AS b WHERE generation = $2 AND state = 'building' \
         AND NOT EXISTS (SELECT FROM all_of_it AS a WHERE a.state = 'active' \
         AND (a.xid, a.position) > (b.xid, b.position))) \
         UPDATE projections AS p SET state = CASE p.state WHEN 'active' THEN 'retired' ELSE 'active' END \
         FROM built AS b WHERE p.name = b.name AND (p.generation = b.generation OR p.state = 'active')",
    );
    let update = update.bind::<Text, _>(built.projection.name()).bind::<Integer, _>(built.number);
    Ok(update.execute(connection).await? > 0)
}

/// Deletes some rows of a retired generation, and in the end itself.
pub(super) async fn sweep(connection: &mut Connection, retired: Generation) -> QueryResult<()> {
    const ROWS: i32 = 1_000;
    let table = retired.projection.name();
    let delete = sql_query(format!(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE generation = $1 LIMIT $2))"
    ));
    let delete = delete.bind::<Integer, _>(retired.number).bind::<Integer, _>(ROWS);
    if delete.execute(connection).await? > 0 {
        return Ok(());
    }
    // Others may sweep too: that there was nothing to delete does not mean that nothing is left.
    let delete = sql_query(format!(
        "DELETE FROM projections WHERE name = $1 AND generation = $2 AND state = 'retired' \
         AND NOT EXISTS (SELECT FROM {table} WHERE generation = $2)"
    ));
    let delete = delete.bind::<Text, _>(table).bind::<Integer, _>(retired.number);
    delete.execute(connection).await.map(drop)
}
