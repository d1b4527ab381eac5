//! One page of the feed further: reads it, computes what it changes, and applies that to generations that are at its beginning.

use std::{sync::Arc, time::Duration};

use diesel::QueryResult;
use diesel_async::RunQueryDsl;
use futures_util::{FutureExt, future::BoxFuture};
use shared_infrastructure::{
    database::{self, Connection, Fault, Pool, StatementError},
    feed::{self, FeedEntry, FeedPosition, FeedRead},
};
use tokio::task::spawn_blocking;

use super::{
    ProjectionError,
    apply_search::ApplySearch,
    apply_statistics::ApplyStatistics,
    generations::{Generation, Projection},
    moving::Moving,
    net_changes::net_changes,
    search_document::changed_documents,
    statistics::changed_sums,
};

/// The most commits in a page.
const PAGE: i64 = 256;

/// Takes generations further.
pub(super) struct Projector {
    pool: Pool,
    patience: Duration,
    limit: i64,
}

/// What became of generations that were taken a page further.
#[derive(Debug, Default)]
pub(super) struct Advance {
    /// Those that got further, as they are now.
    pub(super) moved: Vec<Generation>,
    /// Whether another process took one of them further at the same time.
    pub(super) lost: bool,
    /// Whether there was nothing more to read.
    pub(super) is_last: bool,
    /// How many commits were in the page.
    pub(super) commits: usize,
}

impl Projector {
    /// Works through `pool`, where a statement that is not answered within `patience` is given up.
    pub(super) fn new(pool: Pool, patience: Duration) -> Self {
        Self { pool, patience, limit: PAGE }
    }

    /// Runs a statement.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, ProjectionError>
    where
        F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
    {
        Ok(database::run(&self.pool, self.patience, work).await?)
    }

    /// Takes generations that are all at one place a page further. After a page that PostgreSQL took too long for, the next ones are
    /// smaller for a while.
    pub(super) async fn advance(&mut self, generations: &[Generation]) -> Result<Advance, ProjectionError> {
        let advance = self.advance_by(generations, self.limit).await;
        match &advance {
            Ok(_) => self.limit = (self.limit * 2).min(PAGE),
            Err(error) if took_too_long(error) => self.limit = (self.limit / 2).max(1),
            Err(_) => {}
        }
        advance
    }

    async fn advance_by(&self, generations: &[Generation], limit: i64) -> Result<Advance, ProjectionError> {
        let after = generations.first().map_or(FeedPosition::START, |generation| generation.cursor);
        let wanted = FeedRead { after, limit, with_previous_states: true };
        let page = self.run(move |connection| feed::read(connection, wanted).boxed()).await?;
        let commits = page.entries.len();
        let mut advance = Advance { is_last: page.is_last, commits, ..Advance::default() };
        // Orders can be large: nobody else on this thread has to wait.
        let generations = generations.to_vec();
        let computing = spawn_blocking(move || applications(&page.entries, &generations));
        for (moving, application) in computing.await.expect("what panics here would panic for ever")? {
            if !self.apply(application).await? {
                // Who lost one loses all of them: if each of two processes won some, both would leave the rest to the other.
                advance.lost = true;
                break;
            }
            advance.moved.push(Generation { cursor: moving.to, ..moving.generation });
        }
        Ok(advance)
    }

    /// Whether the generation was where the page begins.
    async fn apply(&self, application: Application) -> Result<bool, ProjectionError> {
        let application = Arc::new(application);
        let applying = self.run(move |connection| {
            let application = Arc::clone(&application);
            async move {
                match &*application {
                    Application::Statistics(statement) => statement.load(connection).await,
                    Application::Search(statement) => statement.load(connection).await,
                }
            }
            .boxed()
        });
        let moved: Vec<i64> = applying.await?;
        Ok(moved == [1])
    }
}

/// What a page changes in a generation.
#[derive(Debug)]
enum Application {
    Statistics(ApplyStatistics),
    Search(ApplySearch),
}

/// What a page changes in each of the generations; nothing if there is nothing in it.
fn applications(
    page: &[FeedEntry],
    generations: &[Generation],
) -> Result<Vec<(Moving, Application)>, ProjectionError> {
    let Some(last) = page.last() else { return Ok(Vec::new()) };
    let changes = net_changes(page)?;
    let applications = generations.iter().map(|&generation| {
        let moving = Moving { generation, to: last.position, commit_time: last.commit_time };
        let application = match generation.projection {
            Projection::OrderStatsDaily => {
                Application::Statistics(ApplyStatistics::new(moving, changed_sums(&changes)?))
            }
            Projection::OrderSearch => {
                Application::Search(ApplySearch::new(moving, changed_documents(&changes))?)
            }
        };
        Ok((moving, application))
    });
    applications.collect()
}

/// Whether less at a time might work.
fn took_too_long(error: &ProjectionError) -> bool {
    let ProjectionError::Database(error) = error else { return false };
    matches!(error, StatementError::Unanswered) || Fault::from(error) == Fault::Interrupted
}
