//! Transactions that write the history, take their time, and sometimes change their mind.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use tokio::{sync::Mutex, time::sleep};
use uuid::Uuid;

/// How much is written, and how.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) writers: usize,
    pub(crate) commits: usize,
    /// How long a transaction takes at most.
    pub(crate) longest: Duration,
}

/// An order, and its version; none while nobody has created it.
type Orders = Arc<Vec<(Uuid, Mutex<i64>)>>;

/// Writes, and tells the version of each order in the end. One transaction in ten is rolled back.
pub(crate) async fn write(url: &str, load: Load) -> BTreeMap<Uuid, i64> {
    let orders: Orders = Arc::new((0..2 * load.writers).map(|_| (Uuid::now_v7(), Mutex::new(0))).collect());
    let left = Arc::new(AtomicUsize::new(load.commits));
    let writers = (0..load.writers).map(|seed| {
        let (orders, left, url) = (Arc::clone(&orders), Arc::clone(&left), url.to_owned());
        tokio::spawn(async move {
            let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
            let mut random = Random(seed as u64 + 1);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
            {
                commit_one(&mut connection, &orders, &mut random, load.longest).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut versions = BTreeMap::new();
    for (order, version) in &*orders {
        versions.insert(*order, *version.lock().await);
    }
    versions
}

/// Commits the next version of some order, after as many failures as it takes. Whoever is at an order has read its last version.
async fn commit_one(
    connection: &mut AsyncPgConnection,
    orders: &Orders,
    random: &mut Random,
    longest: Duration,
) {
    const INSERT: &str = "INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind, actor_subject, events)
        VALUES ('acme', $1, $2, now(), 1, 'ada', '')";
    let (order, version) = &orders[random.below(orders.len() as u64) as usize];
    let mut version = version.lock().await;
    loop {
        connection.batch_execute("BEGIN").await.unwrap();
        let insert = diesel::sql_query(INSERT).bind::<SqlUuid, _>(order).bind::<BigInt, _>(*version + 1);
        insert.execute(connection).await.unwrap();
        sleep(Duration::from_micros(random.below(longest.as_micros() as u64))).await;
        if random.below(10) > 0 {
            connection.batch_execute("COMMIT").await.unwrap();
            *version += 1;
            return;
        }
        connection.batch_execute("ROLLBACK").await.unwrap();
    }
}

/// A xorshift generator: different for each writer, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
