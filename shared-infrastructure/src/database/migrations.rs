//! The schema's migrations, which are part of the program.

use std::{error::Error, time::Duration};

use anyhow::Context;
use diesel::{
    migration::{Migration, MigrationSource},
    pg::Pg,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncMigrationHarness, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Config, Connection, Pool, PoolError, connection::establish};
use crate::start::StartError;

/// Every migration, in its order.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// The advisory lock that lets one process at a time migrate a database: the letters of "ordersmg".
const LOCK: i64 = i64::from_be_bytes(*b"ordersmg");

/// How long opening the connection for a migration may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a database's schema stands against this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// All migrations are applied, and no others.
    Current,
    /// Some are missing.
    Behind {
        /// Their names, in their order.
        pending: Vec<String>,
    },
    /// A newer program migrated the database. Migrations keep the programs before them working.
    Ahead {
        /// The versions that this program does not know.
        unknown: Vec<String>,
    },
}

/// Applies what is missing and returns the versions. Several processes may do so at once: the others wait for the first.
///
/// # Errors
/// If the database cannot be reached or a migration fails, which leaves that one unapplied.
pub async fn run_pending(config: &Config) -> anyhow::Result<Vec<String>> {
    let mut connection =
        establish(config, CONNECT_TIMEOUT).await.context("cannot connect to the database to migrate it")?;
    let lock = diesel::sql_query("SELECT pg_advisory_lock($1)").bind::<BigInt, _>(LOCK);
    lock.execute(&mut connection).await.context("cannot lock the database for its migration")?;
    // The lock goes with the connection.
    let applied = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        let applied = harness.run_pending_migrations(MIGRATIONS).map_err(anyhow::Error::from_boxed)?;
        anyhow::Ok(applied.iter().map(ToString::to_string).collect())
    });
    let applied: Vec<String> = applied.await?.context("a migration failed")?;
    tracing::info!(?applied, "the database schema is up to date");
    Ok(applied)
}

/// Compares the schema with the migrations of this program, in one round trip and without a write.
///
/// # Errors
/// If the database cannot be reached or asked.
pub async fn check(pool: &Pool) -> anyhow::Result<SchemaState> {
    let mut connection = pool.get().await.map_err(|error| unreachable_database(&error))?;
    let applied =
        applied_versions(&mut connection).await.context("cannot read the state of the database schema")?;
    let known = known().map_err(anyhow::Error::from_boxed)?;
    let pending = names_where(&known, |version| !applied.iter().any(|other| other == version));
    let unknown: Vec<_> =
        applied.into_iter().filter(|version| !known.iter().any(|(v, _)| v == version)).collect();
    Ok(match (pending.is_empty(), unknown.is_empty()) {
        (true, true) => SchemaState::Current,
        (true, false) => SchemaState::Ahead { unknown },
        (false, _) => SchemaState::Behind { pending },
    })
}

/// [`check`] for a service that is about to start.
///
/// # Errors
/// [`StartError::SchemaBehind`] if migrations are missing; [`StartError::Failed`] if that cannot be told.
pub async fn ensure_current(pool: &Pool) -> Result<(), StartError> {
    match check(pool).await? {
        SchemaState::Current => {}
        SchemaState::Ahead { unknown } => {
            tracing::warn!(?unknown, "the database schema is newer than this program")
        }
        SchemaState::Behind { pending } => return Err(StartError::SchemaBehind { pending }),
    }
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct AppliedVersion {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(diesel::QueryableByName)]
struct TableExists {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    exists: bool,
}

/// The applied versions; none in a database that was never migrated.
async fn applied_versions(connection: &mut Connection) -> diesel::QueryResult<Vec<String>> {
    let query = diesel::sql_query("SELECT version::text FROM __diesel_schema_migrations");
    let failure = match query.load::<AppliedVersion>(connection).await {
        Ok(rows) => return Ok(rows.into_iter().map(|row| row.version).collect()),
        Err(failure) => failure,
    };
    let query = diesel::sql_query("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS exists");
    let table: TableExists = query.get_result(connection).await?;
    if table.exists { Err(failure) } else { Ok(Vec::new()) }
}

/// The pool's error without its wrapping, which says the same thing twice.
fn unreachable_database(error: &PoolError) -> anyhow::Error {
    match error {
        PoolError::Backend(cause) => anyhow::anyhow!("cannot connect to the database: {cause}"),
        other => anyhow::anyhow!("cannot connect to the database: {other}"),
    }
}

/// Version and name of every migration of this program.
fn known() -> Result<Vec<(String, String)>, Box<dyn Error + Send + Sync>> {
    let mut migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS)?;
    migrations.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
    Ok(migrations.iter().map(|migration| describe(migration.as_ref())).collect())
}

fn describe(migration: &dyn Migration<Pg>) -> (String, String) {
    (migration.name().version().to_string(), migration.name().to_string())
}

fn names_where(known: &[(String, String)], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    known.iter().filter(|(version, _)| wanted(version)).map(|(_, name)| name.clone()).collect()
}
