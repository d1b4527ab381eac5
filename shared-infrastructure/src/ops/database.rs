//! Looks whether a database is within reach, over a connection of its own: that calls have taken all others is no outage.

use std::{future::pending, time::Duration};

use diesel_async::RunQueryDsl;
use futures_util::{FutureExt, future::join_all};
use tokio::time::sleep;

use super::Readiness;
use crate::database::{Pool, run};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// For one answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells `readiness`, without end, when one of `databases` answers.
pub(super) async fn look(databases: Vec<Pool>, readiness: Readiness) {
    join_all(databases.iter().map(|database| look_at(database, &readiness))).await;
    pending().await
}

async fn look_at(database: &Pool, readiness: &Readiness) {
    loop {
        let asked =
            run(database, PATIENCE, |connection| diesel::sql_query("SELECT 1").execute(connection).boxed());
        match asked.await {
            Ok(_) => readiness.database_reached(),
            Err(error) => tracing::debug!(%error, "a database does not answer"),
        }
        sleep(PAUSE).await;
    }
}
