//! The books balance: after a random day, what the tables hold is recomputed from the rows below, and the read model says
//! the same as the tables.

use chaos::books;

use crate::{
    random_day::RandomDay,
    support::{Sql, System},
};

const COMMANDS: u32 = 700;

#[tokio::test(flavor = "multi_thread")]
async fn the_books_balance_after_a_random_day() {
    balance(101).await.assert_varied();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn the_books_balance_after_many_random_days() {
    for seed in 102..112 {
        balance(seed).await;
    }
}

async fn balance(seed: u64) -> RandomDay {
    let system = System::start().await;
    let mut day = RandomDay::new(seed, system.commands().await);
    for _ in 0..COMMANDS {
        day.step().await;
    }
    let sql = system.sql().await;
    check(&sql, &format!("seed {}", day.seed)).await;

    let commits: usize = day.orders.iter().map(|known| known.commits()).sum();
    let rows = sql.number("SELECT count(*) FROM order_history").await;
    assert_eq!(usize::try_from(rows).unwrap(), commits, "seed {}: one row per commit, no other", day.seed);
    let there = day.orders.iter().filter(|known| !known.deleted).count();
    let rows = sql.number("SELECT count(*) FROM orders").await;
    assert_eq!(usize::try_from(rows).unwrap(), there, "seed {}", day.seed);
    day
}

/// Checks every law, and that the published states say what the tables say; `when` is for people.
pub(crate) async fn check(sql: &Sql, when: &str) {
    let broken = books::broken(sql.client()).await.unwrap();
    assert!(broken.is_empty(), "{when}: not so:\n{}", broken.join("\n"));
    assert!(sql.number("SELECT count(*) FROM order_history").await > 0, "{when}: nothing to check");
}
