//! When nothing fails any more: waits until everything has arrived, and looks at it.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

use tokio::time::sleep;
use tokio_postgres::{Client, NoTls};

use super::{ChaosError, PATIENCE};
use crate::{
    actors::{World, read_all},
    books,
    checkers::{self, Verdict},
    evidence::{Commit, Evidence, commits, published},
    history::Answer,
    system::System,
};

const PAUSE: Duration = Duration::from_millis(200);

/// What all checkers say.
pub(super) async fn verdicts(
    world: &World,
    system: &System,
    watches: u8,
) -> Result<Vec<Verdict>, ChaosError> {
    let url = system.database_url().await.ok_or(ChaosError::Stuck("PostgreSQL runs"))?;
    let (sql, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    let commits = commits(&sql).await?;
    // What does not arrive is for the checkers to find.
    let caught_up = "SELECT count(next_xid) = 0 FROM active_projections";
    soon(async || Ok(sql.query_one(caught_up, &[]).await?.get(0))).await?;
    let told = commits.len() * usize::from(watches);
    soon(async || Ok(world.recorder.told_so_far() >= told)).await?;
    let nats = system.nats_url().await.ok_or(ChaosError::Stuck("NATS runs"))?;
    let published = published(&nats, &commits, PATIENCE).await.map_err(ChaosError::Stream)?;

    let evidence = Evidence { history: world.recorder.history()?, commits, published, watches };
    let mut verdicts = checkers::all(&evidence);
    verdicts.push(read_model(world, &evidence.commits).await?);
    let orders = evidence.commits.iter().map(|commit| &commit.order).collect::<HashSet<_>>().len();
    let balance = |findings| Verdict { promise: "the books balance", looked_at: orders, findings };
    verdicts.push(balance(books::broken(&sql).await?));
    verdicts.push(
        texts(&sql, "statistics and search are those of the orders", orders, books::PROJECTIONS_WRONG)
            .await?,
    );
    let parked = "SELECT concat_ws(' ', order_id, version, event_index, reason) FROM parked_orders";
    verdicts.push(texts(&sql, "no order is parked", orders, parked).await?);
    Ok(verdicts)
}

/// No service ended by itself.
pub(super) fn deaths(system: &System, faults: usize) -> Verdict {
    Verdict { promise: "no service ends by itself", looked_at: faults, findings: system.deaths() }
}

/// Asks until the answer is yes, for a while.
async fn soon(mut holds: impl AsyncFnMut() -> Result<bool, ChaosError>) -> Result<(), ChaosError> {
    let begin = Instant::now();
    while !holds().await? && begin.elapsed() < PATIENCE {
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Every order reads as its last commit left it.
async fn read_model(world: &World, commits: &[Commit]) -> Result<Verdict, ChaosError> {
    let last: BTreeMap<_, _> = commits.iter().map(|commit| (commit.order.as_str(), commit)).collect();
    let there = last.values().filter(|commit| commit.state.is_some());
    let before = world.recorder.history()?.calls.len();
    let failed = read_all(world, there.map(|commit| commit.order.clone())).await;
    let mut findings: Vec<_> = failed.into_iter().map(|order| format!("{order} cannot be read")).collect();
    let history = world.recorder.history()?;
    let mut looked_at = 0;
    for call in &history.calls[before..] {
        let Answer::Read(seen) = &call.answer else { continue };
        looked_at += 1;
        let stored = last.get(seen.order.as_str());
        if stored.is_none_or(|stored| (stored.version, stored.state) != (seen.version, Some(seen.state))) {
            findings.push(format!("{seen:?} is read, and the last commit is {stored:?}"));
        }
    }
    Ok(Verdict { promise: "every order reads as its last commit left it", looked_at, findings })
}

/// Each row of the statement, a text, is a finding.
async fn texts(
    sql: &Client,
    promise: &'static str,
    looked_at: usize,
    statement: &str,
) -> Result<Verdict, ChaosError> {
    let findings = sql.query(statement, &[]).await?.iter().map(|row| row.get(0)).collect();
    Ok(Verdict { promise, looked_at, findings })
}
