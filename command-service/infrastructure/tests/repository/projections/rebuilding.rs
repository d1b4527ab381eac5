//! Rebuilding: a new generation takes the place of the old one, whole, and while orders go on changing.

use std::time::Duration;

use command_infrastructure::projections::{Projection, Rebuilt, overview, rebuild};
use fastrand::Rng;
use tokio::time::sleep;

use super::{
    followers::{PATIENCE, follower, random_commands},
    oracle::assert_projections_are_right,
};
use crate::postgres::{TestRepository, sql};

/// How many generations there are, and how many of them are read.
const GENERATIONS: &str =
    "SELECT count(*) * 10 + count(*) FILTER (WHERE state = 'active') AS value FROM projections";

/// Rows of the generations 1000.
const RETIRED_ROWS: [&str; 2] = [
    "INSERT INTO order_search (generation, tenant_id, order_id, create_time, document) \
     SELECT 1000, 'acme', gen_random_uuid(), now(), '' FROM generate_series(1, 5000)",
    "INSERT INTO order_stats_daily (generation, tenant_id, day, channel, currency, state, payment_state, \
     fulfillment_state, order_count, total_sum, balance_sum) \
     SELECT 1000, 'acme', DATE '2000-01-01' + n, 'web', 'EUR', 1, 1, 1, 1, 0, 0 FROM generate_series(1, 5000) AS n",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_that_is_wrong_is_put_right() {
    let repository = TestRepository::new().await;
    let following = follower(repository.another_pool());
    random_commands(&repository, 800, 20).await;
    assert_projections_are_right(&repository.pool).await;
    sql::run(&repository.pool, "UPDATE order_stats_daily SET order_count = order_count + 1").await;
    sql::run(&repository.pool, "DELETE FROM order_search").await;

    let history = sql::number(&repository.pool, "SELECT count(*) AS value FROM order_history").await;
    for projection in Projection::ALL {
        let rebuilt = rebuild(&repository.pool, PATIENCE, projection).await.unwrap();
        let commits = u64::try_from(history).unwrap();
        assert_eq!(rebuilt, Rebuilt { generation: 2, commits, alone: true });
    }
    assert_projections_are_right(&repository.pool).await;
    assert_eq!(sql::number(&repository.pool, GENERATIONS).await, 22, "the old ones are gone");
    for table in ["order_stats_daily", "order_search"] {
        let old = format!("SELECT count(*) AS value FROM {table} WHERE generation = 1");
        assert_eq!(sql::number(&repository.pool, &old).await, 0, "{table}");
    }
    // And what follows is followed.
    random_commands(&repository, 801, 5).await;
    assert_projections_are_right(&repository.pool).await;
    following.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_under_load_and_killed_again_and_again_it_is_still_right() {
    let repository = TestRepository::new().await;
    let _following = follower(repository.another_pool());
    random_commands(&repository, 810, 40).await;
    let writing = random_commands(&repository, 811, 60);
    let rebuilding = async {
        let mut rng = Rng::with_seed(3);
        let mut cut = 0;
        while cut < 25 {
            let pool = repository.another_pool();
            let projection = rng.choice(Projection::ALL).unwrap();
            let running = tokio::spawn(async move { rebuild(&pool, PATIENCE, projection).await.map(drop) });
            sleep(Duration::from_millis(rng.u64(..40))).await;
            cut += u8::from(!running.is_finished());
            running.abort();
        }
    };
    let watching = async {
        // At no moment is anything but one generation of each read. It has orders in it, and never less than was there before.
        let seen = "SELECT count(*) FILTER (WHERE state = 'active') * 10 \
                    + (EXISTS (SELECT FROM order_statistics))::int AS value FROM projections";
        let position = |name| {
            format!("SELECT position AS value FROM projections WHERE state = 'active' AND name = '{name}'")
        };
        let mut last = [0; 2];
        loop {
            assert_eq!(sql::number(&repository.pool, seen).await, 21);
            for (projection, last) in Projection::ALL.into_iter().zip(&mut last) {
                let now = sql::number(&repository.pool, &position(projection.name())).await;
                assert!(now >= *last, "{now} after {last}");
                *last = now;
            }
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(writing, rebuilding) } => {}
        () = watching => {}
    }
    for projection in Projection::ALL {
        rebuild(&repository.pool, PATIENCE, projection).await.unwrap();
    }
    assert_projections_are_right(&repository.pool).await;
    assert_eq!(sql::number(&repository.pool, GENERATIONS).await, 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rebuilds_at_once_do_not_do_anything_twice() {
    let repository = TestRepository::new().await;
    let following = follower(repository.another_pool());
    random_commands(&repository, 820, 20).await;
    assert_projections_are_right(&repository.pool).await;
    following.abort();
    let (one, other) = tokio::join!(
        rebuild(&repository.pool, PATIENCE, Projection::OrderStatsDaily),
        rebuild(&repository.pool, PATIENCE, Projection::OrderStatsDaily)
    );
    let history = sql::number(&repository.pool, "SELECT count(*) AS value FROM order_history").await;
    let (one, other) = (one.unwrap(), other.unwrap());
    // Unless the second one began when the first was done.
    let generations = if one.generation == other.generation { 1 } else { 2 };
    let history = u64::try_from(history).unwrap();
    assert_eq!(one.commits + other.commits, generations * history);
    for rebuilt in [one, other] {
        assert!(!rebuilt.alone || rebuilt.commits == history, "{rebuilt:?}");
    }
    assert!(generations == 2 || !(one.alone && other.alone));
    let overview = overview(&repository.pool, PATIENCE).await.unwrap();
    let stats: Vec<_> = overview.iter().filter(|one| one.name == "order_stats_daily").collect();
    assert!(
        matches!(stats.as_slice(), [one] if one.state == "active" && one.lag_seconds == 0.0),
        "{stats:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_sweep_at_once_leave_nothing_behind_and_nothing_else_out() {
    let repository = TestRepository::new().await;
    random_commands(&repository, 825, 5).await;
    // Retired generations of several pieces, beside those that are read.
    let tables = ["order_search", "order_stats_daily"];
    for (table, rows) in tables.into_iter().zip(RETIRED_ROWS) {
        sql::run(
            &repository.pool,
            &format!("INSERT INTO projections (name, generation, state) VALUES ('{table}', 1000, 'retired')"),
        )
        .await;
        sql::run(&repository.pool, rows).await;
        let retired = format!("SELECT count(*) AS value FROM {table} WHERE generation = 1000");
        assert_eq!(sql::number(&repository.pool, &retired).await, 5_000);
    }
    let _followers = [follower(repository.another_pool()), follower(repository.another_pool())];
    let (one, other) = (repository.another_pool(), repository.another_pool());
    let (one, other) = tokio::join!(
        rebuild(&one, PATIENCE, Projection::OrderSearch),
        rebuild(&other, PATIENCE, Projection::OrderStatsDaily)
    );
    one.unwrap();
    other.unwrap();
    for table in tables {
        let left = format!(
            "SELECT (SELECT count(*) FROM projections WHERE name = '{table}' AND state <> 'active') \
             + (SELECT count(*) FROM {table} WHERE generation = 1000) AS value"
        );
        assert_eq!(sql::number(&repository.pool, &left).await, 0, "{table}");
    }
    assert_projections_are_right(&repository.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_were_orders_before_the_projections_nothing_is_read_until_they_are_built() {
    let repository = TestRepository::new().await;
    random_commands(&repository, 830, 20).await;
    sql::run(&repository.pool, "UPDATE projections SET state = 'building'").await;
    let active = "SELECT count(*) AS value FROM active_projections";
    assert_eq!(sql::number(&repository.pool, active).await, 0);
    let _follower = follower(repository.another_pool());
    assert_projections_are_right(&repository.pool).await;
    assert_eq!(sql::number(&repository.pool, GENERATIONS).await, 22);
}
