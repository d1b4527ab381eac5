//! Parked orders: their events wait behind one that cannot be published, while those of all other orders go on.

use std::time::Duration;

use command_application::OutgoingEvent;
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use shared_domain::Timestamp;
use shared_infrastructure::{
    database::{self, Connection, Pool, StatementError},
    feed::FeedEntry,
};
use uuid::Uuid;

use super::lease::{HELD, NAME};

/// Which order, and whose.
pub(super) type OrderKey = (String, Uuid);

/// An order whose events are held back.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ParkedOrder {
    /// Whose order.
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
    /// Which order.
    #[diesel(sql_type = SqlUuid)]
    pub order_id: Uuid,
    /// The version whose commit has the first event that is not published.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// The number of that event in its commit, from 0.
    #[diesel(sql_type = Integer)]
    pub event_index: i32,
    /// Why it is not published.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Since when.
    #[diesel(sql_type = Timestamptz)]
    pub park_time: Timestamp,
    /// Whether somebody asked to publish the events now.
    #[diesel(sql_type = Bool)]
    pub replay_asked: bool,
}

impl ParkedOrder {
    /// An order that has to wait behind this event.
    pub(super) fn behind(event: &OutgoingEvent, reason: String) -> Self {
        let index = i32::try_from(event.index).expect("a commit has few events");
        Self::at((event.tenant.clone(), event.order), event.version, index, reason)
    }

    /// An order that has to wait behind a commit of which no event can be read.
    pub(super) fn behind_commit(commit: &FeedEntry, reason: String) -> Self {
        Self::at((commit.tenant.clone(), commit.order), commit.version, 0, reason)
    }

    fn at((tenant_id, order_id): OrderKey, version: i64, event_index: i32, reason: String) -> Self {
        let park_time = Timestamp::default();
        Self { tenant_id, order_id, version, event_index, reason, park_time, replay_asked: false }
    }

    pub(super) fn key(&self) -> OrderKey {
        (self.tenant_id.clone(), self.order_id)
    }
}

const SELECT: &str =
    "SELECT tenant_id, order_id, version, event_index, reason, park_time, replay_asked FROM parked_orders";

/// All parked orders, those first that were parked first.
///
/// # Errors
/// [`StatementError`].
pub async fn list_parked(pool: &Pool, patience: Duration) -> Result<Vec<ParkedOrder>, StatementError> {
    database::run(pool, patience, |connection| load(connection).boxed()).await
}

pub(super) async fn load(connection: &mut Connection) -> QueryResult<Vec<ParkedOrder>> {
    sql_query(format!("{SELECT} ORDER BY park_time, tenant_id, order_id")).load(connection).await
}

/// Those that somebody asked to publish now.
pub(super) async fn load_asked(connection: &mut Connection) -> QueryResult<Vec<ParkedOrder>> {
    sql_query(format!("{SELECT} WHERE replay_asked ORDER BY park_time, tenant_id, order_id"))
        .load(connection)
        .await
}

/// Which parked orders to publish now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// All of them.
    All,
    /// One.
    One {
        /// Whose order.
        tenant: String,
        /// Which order.
        order: Uuid,
    },
}

/// Asks the relay that leads, or leads next, to publish what parked orders held back. Answers with the number of orders.
///
/// # Errors
/// [`StatementError`].
pub async fn ask_for_replay(
    pool: &Pool,
    orders: Replayed,
    patience: Duration,
) -> Result<usize, StatementError> {
    let (tenant, order) = match orders {
        Replayed::All => (None, None),
        Replayed::One { tenant, order } => (Some(tenant), Some(order)),
    };
    database::run(pool, patience, |connection| {
        let update = sql_query(
            "UPDATE parked_orders SET replay_asked = true \
             WHERE ($1 IS NULL OR tenant_id = $1) AND ($2 IS NULL OR order_id = $2)",
        );
        let update = update.bind::<Nullable<Text>, _>(tenant.clone()).bind::<Nullable<SqlUuid>, _>(order);
        update.execute(connection).boxed()
    })
    .await
}

/// Parks an order, if `holder` still has the lease: whether it did.
pub(super) async fn park(
    connection: &mut Connection,
    holder: Uuid,
    parked: &ParkedOrder,
) -> QueryResult<bool> {
    let insert = sql_query(format!(
        "INSERT INTO parked_orders (tenant_id, order_id, version, event_index, reason) \
         SELECT $3, $4, $5, $6, $7 WHERE {HELD} \
         ON CONFLICT (tenant_id, order_id) DO UPDATE SET version = excluded.version, \
         event_index = excluded.event_index, reason = excluded.reason, replay_asked = false"
    ));
    let insert = insert
        .bind::<Text, _>(NAME)
        .bind::<SqlUuid, _>(holder)
        .bind::<Text, _>(&parked.tenant_id)
        .bind::<SqlUuid, _>(parked.order_id)
        .bind::<BigInt, _>(parked.version)
        .bind::<Integer, _>(parked.event_index)
        .bind::<Text, _>(&parked.reason);
    Ok(insert.execute(connection).await? == 1)
}

/// Ends the parking of an order, if `holder` still has the lease: whether it did.
pub(super) async fn unpark(connection: &mut Connection, holder: Uuid, key: &OrderKey) -> QueryResult<bool> {
    let delete =
        sql_query(format!("DELETE FROM parked_orders WHERE tenant_id = $3 AND order_id = $4 AND {HELD}"));
    let delete = delete
        .bind::<Text, _>(NAME)
        .bind::<SqlUuid, _>(holder)
        .bind::<Text, _>(&key.0)
        .bind::<SqlUuid, _>(key.1);
    Ok(delete.execute(connection).await? == 1)
}
