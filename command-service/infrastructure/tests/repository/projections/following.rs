//! Following: each commit counts exactly once, whoever follows, however often they are killed.

use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join_all;
use tokio::time::sleep;

use super::{
    followers::{follower, random_commands},
    oracle::assert_projections_are_right,
};
use crate::{
    changes::{changed, commit, create},
    drafts,
    postgres::{TestRepository, sql},
};

#[tokio::test(flavor = "multi_thread")]
async fn after_any_commands_the_projections_say_what_the_orders_say() {
    let repository = TestRepository::new().await;
    for seed in 500..503 {
        random_commands(&repository, seed, 20).await;
        let follower = follower(repository.another_pool());
        assert_projections_are_right(&repository.pool).await;
        follower.abort();
    }
    let rows = "SELECT count(*) AS value FROM order_statistics";
    assert!(sql::number(&repository.pool, rows).await > 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_that_come_and_go_at_any_moment_count_each_commit_once() {
    let repository = TestRepository::new().await;
    let writing = join_all((600..604).map(|seed| random_commands(&repository, seed, 40)));
    let coming_and_going = async {
        let mut rng = Rng::with_seed(7);
        let mut killed = 0;
        loop {
            let followers: Vec<_> = (0..3).map(|_| follower(repository.another_pool())).collect();
            sleep(Duration::from_millis(rng.u64(20..120))).await;
            // In the middle of whatever they are at.
            for follower in &followers {
                follower.abort();
            }
            killed += followers.len();
            if killed > 90 {
                return;
            }
        }
    };
    tokio::join!(writing, coming_and_going);
    let _last = follower(repository.another_pool());
    assert_projections_are_right(&repository.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_drafts_leave_and_take_their_rows_with_them() {
    let repository = TestRepository::new().await;
    let _follower = follower(repository.another_pool());
    let order = create(&*repository, drafts::plain()).await;
    assert_projections_are_right(&repository.pool).await;
    let rows =
        "SELECT (SELECT count(*) FROM order_stats_daily) + (SELECT count(*) FROM order_search) AS value";
    assert_eq!(sql::number(&repository.pool, rows).await, 2);

    let deletion = changed(&order, |order, now| order.delete(now).unwrap());
    commit(&*repository, deletion).await.unwrap();
    assert_projections_are_right(&repository.pool).await;
    assert_eq!(sql::number(&repository.pool, rows).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_meets_another_one_leaves_it_alone() {
    let repository = TestRepository::new().await;
    let pools: Vec<_> = (0..2).map(|_| repository.another_pool()).collect();
    let followers: Vec<_> = pools.iter().cloned().map(follower).collect();
    random_commands(&repository, 700, 60).await;
    assert_projections_are_right(&repository.pool).await;
    for follower in followers {
        follower.abort();
        follower.await.ok();
    }
    let mut applied = Vec::new();
    for pool in &pools {
        applied.push(sql::executions(pool, "WITH moved").await);
    }
    applied.sort();
    assert!(applied[0] * 2 < applied[1], "both worked: {applied:?}");
}

/// How many projections say that they are complete until later than the setting `test.held` of the database.
const COMPLETE_PAST: &str = "SELECT count(*) AS value FROM active_projections \
    WHERE complete_time > current_setting('test.held')::timestamptz";

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_is_not_said_to_be_complete_while_a_commit_may_still_appear() {
    let repository = TestRepository::new().await;
    let _follower = follower(repository.another_pool());
    random_commands(&repository, 710, 3).await;
    assert_projections_are_right(&repository.pool).await;

    // Two commits that take their time, and others, after them, that do not.
    let (first, second, looking) =
        (repository.another_pool(), repository.another_pool(), repository.another_pool());
    for slow in [&first, &second] {
        sql::run(
            slow,
            "BEGIN; INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind, \
            actor_subject, events) VALUES ('acme', gen_random_uuid(), 1, now(), 1, 'ada', '')",
        )
        .await;
    }
    random_commands(&repository, 711, 3).await;
    sql::run(&looking, "SELECT set_config('test.held', now()::text, false)").await;
    // What comes before the second one is counted, and that is all.
    let position = "SELECT min(position) AS value FROM projections";
    let before = sql::number(&looking, position).await;
    sql::run(&first, "COMMIT").await;
    while sql::number(&looking, position).await == before {
        sleep(Duration::from_millis(5)).await;
    }
    sleep(Duration::from_millis(50)).await;
    assert_eq!(sql::number(&looking, COMPLETE_PAST).await, 0, "the others are not in it");

    sql::run(&second, "COMMIT").await;
    assert_projections_are_right(&repository.pool).await;
    random_commands(&repository, 712, 3).await;
    assert_projections_are_right(&repository.pool).await;
    assert_eq!(sql::number(&looking, COMPLETE_PAST).await, 2);
}
