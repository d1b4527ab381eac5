//! One database: its connections, and what it is at the moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use shared_infrastructure::{
    batching::Limits,
    database::{Pool, StatementError, ensure_english, migrations, run},
    start::StartError,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::persistence::{PostgresOrderReadRepository, snapshot::Snapshot};

/// How often a database is looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The least time between two looks, however many reads fail.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// How long a database may take to say what it is.
pub(super) const LOOK_PATIENCE: Duration = Duration::from_secs(2);

/// The connections to one database.
pub struct DatabasePools {
    /// Where it is, for the log.
    pub place: String,
    /// For whatever is read alone.
    pub pool: Pool,
    /// For what callers read together, a connection for each batch under way.
    pub lanes: Pool,
    /// For looking at it: a connection that reads do not wait for, where there are several databases.
    pub looks: Pool,
    /// How callers read together.
    pub limits: Limits,
    /// After how long a statement of such a batch is given up.
    pub patience: Duration,
}

/// A database that can be read from.
pub(super) struct Database {
    pub(super) repository: PostgresOrderReadRepository,
    pub(super) pool: Pool,
    pub(super) looks: Pool,
    place: String,
    role: AtomicU8,
    has_schema: AtomicBool,
    suspected: Notify,
}

/// What a database is at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Role {
    OutOfReach,
    Standby,
    Primary,
}

impl Database {
    pub(super) fn new(pools: DatabasePools) -> Self {
        let DatabasePools { place, pool, lanes, looks, limits, patience } = pools;
        Self {
            repository: PostgresOrderReadRepository::new(pool.clone(), lanes, limits, patience),
            pool,
            looks,
            place,
            role: AtomicU8::new(Role::OutOfReach as u8),
            has_schema: AtomicBool::new(false),
            suspected: Notify::new(),
        }
    }

    /// What it is known to be.
    pub(super) fn role(&self) -> Role {
        match self.role.load(Ordering::Relaxed) {
            role if role == Role::Primary as u8 => Role::Primary,
            role if role == Role::Standby as u8 => Role::Standby,
            _ => Role::OutOfReach,
        }
    }

    pub(super) fn is_now(&self, role: Role) {
        self.role.store(role as u8, Ordering::Relaxed);
    }

    /// A read could not reach it: nobody is sent there until a look, which is soon, says otherwise.
    pub(super) fn suspect(&self) {
        self.is_now(Role::OutOfReach);
        self.suspected.notify_one();
    }

    /// Finds out what it is. A standby may be so far behind that it lacks a part of the schema: that is no use to anybody yet.
    pub(super) async fn look(&self) -> Result<(), StartError> {
        if !self.has_schema.load(Ordering::Relaxed) {
            migrations::ensure_current(&self.looks).await?;
            ensure_english(&self.looks).await?;
            self.has_schema.store(true, Ordering::Relaxed);
        }
        let snapshot = self.snapshot().await.map_err(|error| StartError::Failed(error.into()))?;
        self.is_now(if snapshot.is_standby { Role::Standby } else { Role::Primary });
        Ok(())
    }

    /// What it shows.
    pub(super) async fn snapshot(&self) -> Result<Snapshot, StatementError> {
        run(&self.looks, LOOK_PATIENCE, |connection| Snapshot::take(connection).boxed()).await
    }

    /// Looks at it as long as the program runs, and says when it comes and goes.
    pub(super) async fn keep_looking(self: Arc<Self>) {
        let mut known = self.role();
        loop {
            if known == Role::OutOfReach {
                sleep(LOOK_INTERVAL).await;
            } else {
                sleep(LOOK_PAUSE).await;
                timeout(LOOK_INTERVAL - LOOK_PAUSE, self.suspected.notified()).await.ok();
            }
            let looked = self.look().await;
            if looked.is_err() {
                self.is_now(Role::OutOfReach);
            }
            let role = self.role();
            let database = &self.place;
            match looked {
                Ok(()) if role != known => tracing::info!(database, ?role, "a database is read from"),
                Err(error) if role != known => {
                    tracing::warn!(database, %error, "a database is not read from")
                }
                _ => {}
            }
            known = role;
        }
    }
}
