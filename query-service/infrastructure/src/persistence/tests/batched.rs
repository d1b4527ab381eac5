//! Reads of many callers in one statement: each gets its own, and damage is no error of the others.

use std::time::Duration;

use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use futures_util::{
    FutureExt,
    future::{join, join_all},
};
use local_stack::TestDatabase;
use query_application::{Freshness, OrderDetails, OrderReadRepository, ReadContext, ReadError};
use shared_domain::{OrderId, TenantId};
use shared_infrastructure::batching::Limits;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::data::few;
use super::{PATIENCE, reading};
use crate::persistence::PostgresOrderReadRepository;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(connection: &mut AsyncPgConnection, query: &str) -> i64 {
    diesel::sql_query(query).get_result::<Count>(connection).await.unwrap().count
}

/// Reads with one statement at a time, and a connection that can keep it waiting.
struct Bed {
    repository: PostgresOrderReadRepository,
    pool: Pool<AsyncPgConnection>,
    gate: AsyncPgConnection,
    _database: TestDatabase,
}

impl Bed {
    /// So many callers may wait for the next statement.
    async fn waiting(waiting: usize) -> Self {
        let (database, gate) = few().await;
        let manager = AsyncDieselConnectionManager::new(database.url());
        let pool = Pool::builder(manager).max_size(1).build().unwrap();
        let limits = Limits { lanes: 1, batch: 100, waiting };
        let repository = PostgresOrderReadRepository::new(pool.clone(), pool.clone(), limits, PATIENCE);
        Self { repository, pool, gate, _database: database }
    }

    /// What comes of reads that are all asked for while the statement of another one is under way.
    async fn gathered(
        &mut self,
        wanted: &[(ReadContext, OrderId)],
    ) -> Vec<Result<Option<OrderDetails>, ReadError>> {
        let repository = self.repository.clone();
        let (context, order) = (reading(&tenant("one")), order(1));
        let mut first = Box::pin(repository.current(&context, order));
        self.close_the_gate().await;
        assert!((&mut first).now_or_never().is_none());
        self.gate_is_reached().await;
        let mut reads =
            Box::pin(join_all(wanted.iter().map(|(context, order)| repository.current(context, *order))));
        assert!((&mut reads).now_or_never().is_none());
        self.gate.batch_execute("ROLLBACK").await.unwrap();
        let (first, reads) = join(first, reads).await;
        assert!(first.unwrap().is_some());
        reads
    }

    async fn close_the_gate(&mut self) {
        self.gate.batch_execute("BEGIN; LOCK TABLE order_history IN ACCESS EXCLUSIVE MODE").await.unwrap();
    }

    /// Waits until a statement waits.
    async fn gate_is_reached(&mut self) {
        let blocked = format!("SELECT count(*) FROM {BLOCKED} AS blocked");
        let reaching = async {
            while count(&mut self.gate, &blocked).await == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(30), reaching).await.expect("a statement comes here");
    }

    /// How many batches were read so far.
    async fn statements(&self) -> i64 {
        let query = "SELECT coalesce(sum(generic_plans + custom_plans), 0)::bigint AS count
                     FROM pg_prepared_statements WHERE starts_with(statement, 'SELECT k.caller')";
        count(&mut self.pool.get().await.unwrap(), query).await
    }
}

/// The sessions whose statement waits for the lock of this one.
const BLOCKED: &str = "(SELECT DISTINCT pid FROM pg_locks
                       WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))";

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

/// Order n, which is at version n.
fn order(n: u8) -> OrderId {
    OrderId::referring(Uuid::parse_str(&format!("{n:0>32}")).unwrap())
}

/// What is stored of order n.
fn stored(tenant: &TenantId, n: u8) -> OrderDetails {
    let published_state = format!("{} {n} {n}", tenant.as_str()).into_bytes().into();
    OrderDetails { order: order(n), version: n.into(), transaction: n.into(), published_state }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_one_statement_and_each_gets_its_own() {
    let mut bed = Bed::waiting(100).await;
    let (mut wanted, mut expected) = (vec![], vec![]);
    for n in 1..=9 {
        for tenant in ["one", "nobody", "two"].map(tenant) {
            wanted.push((reading(&tenant), order(n)));
            expected.push((tenant.as_str() != "nobody").then(|| stored(&tenant, n)));
        }
        wanted.push((reading(&tenant("one")), order(100 + n)));
        expected.push(None);
    }
    let read: Vec<_> = bed.gathered(&wanted).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(read, expected);
    assert_eq!(bed.statements().await, 2, "that of the first and that of all others");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_asked_for_together_go_to_whoever_asked() {
    let bed = Bed::waiting(100).await;
    let (one, two) = (reading(&tenant("one")), reading(&tenant("two")));
    let wanted = [
        (&one, vec![order(3), order(200), order(1)]),
        (&two, vec![order(1)]),
        (&one, vec![order(200)]),
        (&two, vec![order(2), order(1), order(9)]),
        (&one, vec![]),
    ];
    let reads = join_all(wanted.iter().map(|(context, orders)| bed.repository.batch(context, orders))).await;
    let found: Vec<_> = reads.into_iter().map(|read| sorted(read.unwrap())).collect();
    let stored = |context: &ReadContext, orders: &[u8]| {
        orders.iter().map(|n| stored(&context.tenant, *n)).collect::<Vec<_>>()
    };
    let expected = [stored(&one, &[1, 3]), stored(&two, &[1]), vec![], stored(&two, &[1, 2, 9]), vec![]];
    assert_eq!(found, expected);
}

fn sorted(mut orders: Vec<OrderDetails>) -> Vec<OrderDetails> {
    orders.sort_by_key(|order| order.version);
    orders
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_row_fails_for_those_who_asked_for_it() {
    let mut bed = Bed::waiting(100).await;
    let corrupt = format!(
        "UPDATE order_history SET published_state = NULL WHERE tenant_id = 'one' AND order_id = '{}'",
        order(4)
    );
    bed.gate.batch_execute(&corrupt).await.unwrap();
    let one = tenant("one");
    let wanted: Vec<_> = [1, 4, 5, 4, 9].map(|n| (reading(&one), order(n))).to_vec();
    let read = bed.gathered(&wanted).await;
    assert_eq!(bed.statements().await, 2);
    for (at, n) in [(0, 1), (2, 5), (4, 9)] {
        assert_eq!(read[at].as_ref().unwrap(), &Some(stored(&one, n)));
    }
    for at in [1, 3] {
        assert!(matches!(read[at], Err(ReadError::Failed(_))), "{read:?}");
    }
    let with_others = bed.repository.batch(&reading(&one), &[order(4), order(5)]).await;
    assert!(matches!(with_others, Err(ReadError::Failed(_))), "{with_others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_wait_are_refused() {
    let mut bed = Bed::waiting(3).await;
    let one = tenant("one");
    let read = bed.gathered(&[1, 2, 3, 4, 5].map(|n| (reading(&one), order(n)))).await;
    for n in 1..=3_u8 {
        assert_eq!(read[usize::from(n) - 1].as_ref().unwrap(), &Some(stored(&one, n)));
    }
    for refused in &read[3..] {
        assert!(matches!(refused, Err(ReadError::Overloaded(_))), "{refused:?}");
    }
    assert!(bed.repository.current(&reading(&one), order(4)).await.unwrap().is_some(), "there is room again");
}

/// On one thread, so that all of them are asked for before the first statement.
#[tokio::test]
async fn whoever_waits_when_the_connection_dies_is_told_so() {
    let mut bed = Bed::waiting(100).await;
    let one = tenant("one");
    bed.close_the_gate().await;
    let repository = bed.repository.clone();
    let context = reading(&one);
    let reads = join_all((1..=9).map(|n| repository.current(&context, order(n))));
    let killing = async {
        bed.gate_is_reached().await;
        let kill = format!("SELECT count(pg_terminate_backend(pid, 10000)) FROM {BLOCKED} AS blocked");
        assert_eq!(count(&mut bed.gate, &kill).await, 1);
        bed.gate.batch_execute("ROLLBACK").await.unwrap();
    };
    let (reads, ()) = join(reads, killing).await;
    for read in reads {
        assert!(matches!(read, Err(ReadError::Unavailable(_))), "{read:?}");
    }
    assert_eq!(
        repository.current(&context, order(1)).await.unwrap(),
        Some(stored(&one, 1)),
        "a new one serves"
    );
}

#[tokio::test]
async fn a_database_out_of_reach_is_unavailable() {
    let manager = AsyncDieselConnectionManager::new("postgres://postgres@127.0.0.1:1/none");
    let pool = Pool::builder(manager).max_size(1).build().unwrap();
    let repository = PostgresOrderReadRepository::new(
        pool.clone(),
        pool,
        Limits { lanes: 1, batch: 100, waiting: 100 },
        PATIENCE,
    );
    let one = reading(&tenant("one"));
    for read in join_all((1..=9).map(|n| repository.current(&one, order(n)))).await {
        assert!(matches!(read, Err(ReadError::Unavailable(_))), "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_share_a_statement_only_who_demands_what_is_not_there_lags() {
    let mut bed = Bed::waiting(100).await;
    let at_least = |transaction, commit| ReadContext {
        at_least: Some(Freshness { transaction, commit }),
        ..reading(&tenant("one"))
    };
    let (past, future) = (3, 1 << 40);
    let wanted = [
        (reading(&tenant("one")), order(1)),
        (at_least(past, None), order(2)),
        (at_least(future, None), order(3)),
        (at_least(past, Some((order(9), 1))), order(4)),
        (at_least(future, Some((order(9), 1))), order(5)),
        // Whoever demands a version of the order has it, whatever the transaction.
        (at_least(future, Some((order(6), 6))), order(6)),
        (at_least(future, Some((order(7), 8))), order(7)),
        (at_least(past, None), order(100)),
        (at_least(future, None), order(100)),
    ];
    let read = bed.gathered(&wanted).await;
    let told: Vec<_> = read.iter().map(|read| read.as_ref().map(Option::is_some)).collect();
    let lags = |at: usize| matches!(told[at], Err(ReadError::Lagging));
    assert!([2, 4, 6, 8].into_iter().all(lags), "{told:?}");
    assert!([0, 1, 3, 5].into_iter().all(|at| matches!(told[at], Ok(true))), "{told:?}");
    assert!(matches!(told[7], Ok(false)), "{told:?}");
}
