//! Builds a projection anew, beside the one that is read, and has it read in its place.

use std::time::Duration;

use futures_util::FutureExt;
use shared_infrastructure::database::Pool;
use tokio::time::sleep;

use super::{
    ProjectionError,
    generations::{Generation, Projection, Purpose, activate, begin, load, sweep},
    projector::Projector,
};

/// How long to wait for the one that is read, where it is ahead.
const CATCHING_UP: Duration = Duration::from_millis(20);

/// A projection that was built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// The number of the generation that is read now.
    pub generation: i32,
    /// The commits that this call computed it from; less than all of them if it took over from another that was cut short.
    pub commits: u64,
}

/// Builds `projection` anew. What a call that was cut short had built is taken over.
///
/// # Errors
/// [`ProjectionError`]: what is built until then stays, and the next call takes over.
pub async fn rebuild(
    pool: &Pool,
    patience: Duration,
    projection: Projection,
) -> Result<Rebuilt, ProjectionError> {
    let mut projector = Projector::new(pool.clone(), patience);
    projector.run(move |connection| begin(connection, projection).boxed()).await?;
    let (mut rebuilt, mut commits) = (None, 0);
    while let Some(building) = find(&projector, projection, Purpose::Building).await? {
        rebuilt = Some(building.number);
        let advance = projector.advance(&[building]).await?;
        if !advance.moved.is_empty() {
            commits += advance.commits as u64;
        }
        if advance.is_last && !projector.run(move |connection| activate(connection, building).boxed()).await?
        {
            sleep(CATCHING_UP).await;
        }
    }
    while let Some(retired) = find(&projector, projection, Purpose::Retired).await? {
        projector.run(move |connection| sweep(connection, retired).boxed()).await?;
    }
    let active = find(&projector, projection, Purpose::Active).await?;
    let generation = rebuilt.or_else(|| active.map(|active| active.number)).unwrap_or_default();
    Ok(Rebuilt { generation, commits })
}

async fn find(
    projector: &Projector,
    projection: Projection,
    purpose: Purpose,
) -> Result<Option<Generation>, ProjectionError> {
    let all = projector.run(|connection| load(connection).boxed()).await?;
    Ok(all.into_iter().find(|one| one.projection == projection && one.purpose == purpose))
}
