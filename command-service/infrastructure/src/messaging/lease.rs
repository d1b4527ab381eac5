//! Which of several relays leads: a row that the leader renews every second. Whoever finds it expired takes it over, be it that the
//! leader is gone or that it hangs. (A lock of a session would stay with a process that hangs.)
//!
//! The database's clock decides when a lease has expired, but each leader knows by its own clock for how long it is sure of it, and
//! does nothing past that.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use diesel::{
    QueryResult, sql_query,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use shared_infrastructure::database::{self, Connection, Pool, StatementError};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::outage::Outage;

/// The name of the lease, and of the relay's cursor.
pub(super) const NAME: &str = "relay";

/// The SQL of: the lease `$1` is still that of `$2`.
pub(super) const HELD: &str =
    "EXISTS (SELECT FROM leases WHERE name = $1 AND holder = $2 AND expire_time > clock_timestamp())";

/// How often a leader renews its lease, and the others look whether it has expired; more often if it is short.
const EVERY: Duration = Duration::from_secs(1);

const TAKE: &str = "INSERT INTO leases AS l (name, holder, expire_time) \
    SELECT $1, $2, clock_timestamp() + $3 * interval '1 millisecond' \
    WHERE NOT EXISTS (SELECT FROM leases WHERE name = $1 AND expire_time > clock_timestamp()) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expire_time = excluded.expire_time \
    WHERE l.expire_time <= clock_timestamp()";

const RENEW: &str = "UPDATE leases SET expire_time = clock_timestamp() + $3 * interval '1 millisecond' \
    WHERE name = $1 AND holder = $2 AND expire_time > clock_timestamp()";

const GIVE_BACK: &str = "UPDATE leases SET expire_time = clock_timestamp() WHERE name = $1 AND holder = $2";

/// The lease, for one process that would like to have it.
#[derive(Clone)]
pub(super) struct Lease {
    pool: Pool,
    length: Duration,
}

impl Lease {
    pub(super) const fn new(pool: Pool, length: Duration) -> Self {
        Self { pool, length }
    }

    /// Waits until the lease can be had; none if `stop` comes before.
    pub(super) async fn take(&self, database: &Outage, stop: &CancellationToken) -> Option<Term> {
        let taking = async {
            loop {
                let (holder, asked) = (Uuid::new_v4(), Instant::now());
                match self.run(TAKE, holder).await {
                    Ok(taken) => {
                        database.is_over();
                        if taken {
                            return Term::begin(self.clone(), holder, asked + self.length);
                        }
                    }
                    Err(error) => database.goes_on(&error),
                }
                sleep(self.pause()).await;
            }
        };
        stop.run_until_cancelled(taking).await
    }

    fn pause(&self) -> Duration {
        EVERY.min(self.length / 4)
    }

    /// Whether the statement had an effect.
    async fn run(&self, statement: &'static str, holder: Uuid) -> Result<bool, StatementError> {
        let length = i64::try_from(self.length.as_millis()).unwrap_or(i64::MAX);
        // Past half of the time it is of no use.
        let running = database::run_to_the_end(&self.pool, self.length / 2, move |connection| {
            execute(connection, statement, holder, length).boxed()
        });
        running.await
    }
}

async fn execute(
    connection: &mut Connection,
    statement: &str,
    holder: Uuid,
    length: i64,
) -> QueryResult<bool> {
    let statement = sql_query(statement).bind::<Text, _>(NAME).bind::<SqlUuid, _>(holder);
    Ok(statement.bind::<BigInt, _>(length).execute(connection).await? == 1)
}

/// The time for which a process leads. It is renewed until this value goes.
pub(super) struct Term {
    lease: Lease,
    holder: Uuid,
    until: Arc<Mutex<Instant>>,
    over: CancellationToken,
    _renewing: DropGuard,
}

impl Term {
    fn begin(lease: Lease, holder: Uuid, until: Instant) -> Self {
        let (until, over, given_up) =
            (Arc::new(Mutex::new(until)), CancellationToken::new(), CancellationToken::new());
        let renewal = renew(lease.clone(), holder, Arc::clone(&until), over.clone());
        tokio::spawn(given_up.clone().run_until_cancelled_owned(renewal));
        Self { lease, holder, until, over, _renewing: given_up.drop_guard() }
    }

    /// The id of the lease's holder in this term.
    pub(super) const fn holder(&self) -> Uuid {
        self.holder
    }

    /// Whether the lease is certainly still held.
    pub(super) fn is_held(&self) -> bool {
        !self.over.is_cancelled()
            && Instant::now() < *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the lease is no longer certainly held.
    pub(super) async fn over(&self) {
        while self.is_held() {
            let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
            let _renewed = timeout_at(until, self.over.cancelled()).await;
        }
    }

    /// Lets others lead at once.
    pub(super) async fn give_back(self) {
        if let Err(error) = self.lease.run(GIVE_BACK, self.holder).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the relay's lease has to expire");
        }
    }
}

/// Renews a lease until that fails.
async fn renew(lease: Lease, holder: Uuid, until: Arc<Mutex<Instant>>, over: CancellationToken) {
    let _ends = over.drop_guard();
    loop {
        sleep(lease.pause()).await;
        let asked = Instant::now();
        match lease.run(RENEW, holder).await {
            Ok(true) => *until.lock().unwrap_or_else(PoisonError::into_inner) = asked + lease.length,
            Ok(false) => return,
            // It holds until it expires.
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the relay's lease was not renewed"
                );
            }
        }
    }
}
