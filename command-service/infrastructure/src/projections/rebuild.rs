//! Builds a projection anew, beside the one that is read, and has it read in its place.

use std::time::Duration;

use futures_util::FutureExt;
use shared_infrastructure::{database::Pool, feed::FeedPosition};
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
    /// The commits that this call computed it from: less than all of them if another call built it too, at the same time or before it
    /// was cut short.
    pub commits: u64,
    /// Whether it is all this call's work.
    pub alone: bool,
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
    let begun = projector.run(move |connection| begin(connection, projection).boxed()).await?;
    // Where this call left it, as long as nobody else took it further.
    let mut left_at = begun.then_some(FeedPosition::START);
    let (mut rebuilt, mut commits, mut alone) = (None, 0, false);
    while let Some(building) = find(&projector, projection, Purpose::Building).await? {
        if *rebuilt.get_or_insert(building.number) != building.number {
            // Another call is at the next one already.
            break;
        }
        left_at.take_if(|left_at| *left_at != building.cursor);
        let advance = projector.advance(&[building]).await?;
        if let [moved] = advance.moved.as_slice() {
            commits += advance.commits as u64;
            left_at = left_at.and(Some(moved.cursor));
        }
        if advance.is_last {
            if projector.run(move |connection| activate(connection, building).boxed()).await? {
                alone = left_at.is_some() && !advance.lost;
            } else {
                sleep(CATCHING_UP).await;
            }
        }
    }
    while let Some(retired) = find(&projector, projection, Purpose::Retired).await? {
        projector.run(move |connection| sweep(connection, retired).boxed()).await?;
    }
    let active = find(&projector, projection, Purpose::Active).await?;
    let generation = rebuilt.or_else(|| active.map(|active| active.number)).unwrap_or_default();
    Ok(Rebuilt { generation, commits, alone })
}

async fn find(
    projector: &Projector,
    projection: Projection,
    purpose: Purpose,
) -> Result<Option<Generation>, ProjectionError> {
    let all = projector.run(|connection| load(connection).boxed()).await?;
    Ok(all.into_iter().find(|one| one.projection == projection && one.purpose == purpose))
}
