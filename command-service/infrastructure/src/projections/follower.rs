//! Follows the feed with the generations that are read, for as long as the process lives.

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    time::Duration,
};

use futures_util::FutureExt;
use shared_infrastructure::{database::Pool, feed::FeedPosition};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    ProjectionError,
    generations::{Generation, Projection, Purpose, activate, load, sweep},
    projector::Projector,
};

/// How long a process that meets another one at work leaves it alone. If the other one is gone then, it takes over.
const YIELD: Duration = Duration::from_secs(1);

/// How long to wait after a failure.
const FAILED: Duration = Duration::from_secs(1);

/// How a process follows.
#[derive(Clone)]
pub struct Following {
    /// Connections for the projections; one is used at a time.
    pub pool: Pool,
    /// When a statement that is not answered is given up.
    pub patience: Duration,
    /// How often to look for new commits when there are none.
    pub poll_interval: Duration,
}

/// Follows the feed until `stop`; ends between two pages.
pub async fn follow(following: Following, stop: CancellationToken) {
    let Following { pool, patience, poll_interval } = following;
    let mut follower = Follower { projector: Projector::new(pool, patience), left_at: HashMap::new() };
    let mut failing = false;
    while !stop.is_cancelled() {
        let pause = match follower.round().await {
            Ok(round) => {
                if failing {
                    tracing::info!("the projections follow again");
                    failing = false;
                }
                match round {
                    Round::More => continue,
                    Round::Dry => poll_interval,
                    Round::Met => YIELD,
                }
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(error = &error as &dyn Error, "the projections stand still");
                    failing = true;
                }
                FAILED
            }
        };
        stop.run_until_cancelled(sleep(pause)).await;
    }
}

struct Follower {
    projector: Projector,
    /// Where this process left each generation.
    left_at: HashMap<(Projection, i32), FeedPosition>,
}

/// What a round found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// There is more to do.
    More,
    /// There is nothing more to do for now.
    Dry,
    /// Another process does it.
    Met,
}

impl Follower {
    /// Takes each projection a page further.
    async fn round(&mut self) -> Result<Round, ProjectionError> {
        let all = self.projector.run(|connection| load(connection).boxed()).await?;
        let ours: Vec<_> = Projection::ALL.into_iter().filter_map(|wanted| followed(&all, wanted)).collect();
        let met = ours.iter().any(|generation| {
            let left_at = self.left_at.get(&(generation.projection, generation.number));
            left_at.is_some_and(|left_at| *left_at != generation.cursor)
        });
        self.left_at = ours.iter().map(|one| ((one.projection, one.number), one.cursor)).collect();
        if met {
            return Ok(Round::Met);
        }
        let mut round = self.sweep(&all).await?;
        for together in at_one_place(ours) {
            let advance = self.projector.advance(&together).await?;
            if advance.lost {
                return Ok(Round::Met);
            }
            for moved in &advance.moved {
                self.left_at.insert((moved.projection, moved.number), moved.cursor);
            }
            if !advance.is_last {
                round = Round::More;
                continue;
            }
            for built in together.iter().filter(|one| one.purpose == Purpose::Building) {
                let built = *built;
                self.projector.run(move |connection| activate(connection, built).boxed()).await?;
            }
        }
        Ok(round)
    }

    /// Deletes a piece of a generation that is not read any more.
    async fn sweep(&self, all: &[Generation]) -> Result<Round, ProjectionError> {
        let Some(retired) = all.iter().find(|generation| generation.purpose == Purpose::Retired).copied()
        else {
            return Ok(Round::Dry);
        };
        self.projector.run(move |connection| sweep(connection, retired).boxed()).await?;
        Ok(Round::More)
    }
}

/// The generation that is to be followed: the active one, or the first one while it is being built.
fn followed(all: &[Generation], wanted: Projection) -> Option<Generation> {
    let of = |purpose| move |one: &&Generation| one.projection == wanted && one.purpose == purpose;
    all.iter().find(of(Purpose::Active)).or_else(|| all.iter().find(of(Purpose::Building))).copied()
}

/// The generations, those together that have got equally far.
fn at_one_place(generations: Vec<Generation>) -> Vec<Vec<Generation>> {
    let mut places = BTreeMap::<FeedPosition, Vec<Generation>>::new();
    for generation in generations {
        places.entry(generation.cursor).or_default().push(generation);
    }
    places.into_values().collect()
}
