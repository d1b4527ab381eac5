//! Processes that follow, each with connections of its own, and orders for them to follow.

use std::time::Duration;

use command_infrastructure::projections::{Following, follow};
use shared_infrastructure::database::Pool;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    changes::{change, changed, commit, create},
    postgres::TestRepository,
    random::Random,
};

/// How long the followers of the tests wait for a statement.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// One that follows until it is aborted. Its connections go with it.
pub(super) fn follower(pool: Pool) -> JoinHandle<()> {
    let poll_interval = Duration::from_millis(5);
    tokio::spawn(follow(Following { pool, patience: PATIENCE, poll_interval }, CancellationToken::new()))
}

/// Random commands on random orders, one after the other; some of the drafts are deleted in the end.
pub(super) async fn random_commands(repository: &TestRepository, seed: u64, orders: usize) {
    let mut random = Random::new(seed);
    for _ in 0..orders {
        let mut order = create(&**repository, random.draft()).await;
        if random.rng.u8(..8) == 0 {
            let deletion = changed(&order, |order, now| order.delete(now).unwrap());
            commit(&**repository, deletion).await.unwrap();
            continue;
        }
        for _ in 0..random.rng.u8(1..20) {
            let next = random.step(&order);
            let after = next.snapshot().clone();
            commit(&**repository, change(Some(order), next)).await.unwrap();
            order = after;
        }
    }
}
