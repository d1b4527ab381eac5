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

/// Has the database take anything.
const LAWLESS: &str = "BEGIN; DO $$ DECLARE rule record; BEGIN
    FOR rule IN SELECT conrelid::regclass AS relation, conname FROM pg_constraint
        WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.relation, rule.conname); END LOOP; END $$";

/// What breaks each law.
const CRIMES: [(&str, &str); 11] = [
    ("the totals are the exact sums over what is not cancelled", "UPDATE orders SET total = total + 1"),
    (
        "balance and payment state follow from the succeeded transactions",
        "UPDATE orders SET balance = balance + 1",
    ),
    (
        "the fulfilment state follows from the lines that ship",
        "UPDATE orders SET fulfillment_state = fulfillment_state % 6 + 1",
    ),
    (
        "the quantities of lines are those of the shipments",
        "UPDATE order_lines SET in_shipment = in_shipment + 1",
    ),
    (
        "cancelled orders have nothing left, completed ones nothing open",
        "UPDATE order_lines SET cancelled = cancelled - 1 WHERE cancelled > 0",
    ),
    (
        "once an order is placed, what is spread over its lines adds up",
        "UPDATE order_adjustments SET amount = amount + 1",
    ),
    ("an order has its number and its times once it has been there", "UPDATE orders SET place_time = NULL"),
    ("counts are the numbers of rows", "UPDATE orders SET line_count = line_count + 1"),
    (
        "every version has its history row, in time and in the feed one after the other",
        "DELETE FROM order_history WHERE version = 1",
    ),
    (
        "an order is at the last version of its history, unless that removed it",
        "UPDATE orders SET version = version + 1",
    ),
    (
        "only the removal of a draft leaves no published state",
        "UPDATE order_history SET published_state = NULL WHERE version = 1",
    ),
];

/// Otherwise the books would balance whatever is done to them.
#[tokio::test(flavor = "multi_thread")]
async fn each_law_finds_what_breaks_it() {
    let system = System::start().await;
    let mut day = RandomDay::new(113, system.commands().await);
    for _ in 0..300 {
        day.step().await;
    }
    assert!(books::laws().eq(CRIMES.iter().map(|(law, _)| *law)), "each law has its crime");
    let sql = system.sql().await;
    for (law, crime) in CRIMES {
        sql.execute(LAWLESS).await;
        sql.execute(crime).await;
        let broken = books::broken(sql.client()).await.unwrap();
        sql.execute("ROLLBACK").await;
        assert!(broken.iter().any(|finding| finding.starts_with(law)), "{law}: {crime}: {broken:#?}");
    }
    for crime in [
        "UPDATE orders SET customer_id = customer_id || 'x'",
        "UPDATE order_history SET published_state = (SELECT published_state FROM order_history WHERE version = 1 LIMIT 1)",
    ] {
        sql.execute(LAWLESS).await;
        sql.execute(crime).await;
        let broken = books::broken(sql.client()).await.unwrap();
        sql.execute("ROLLBACK").await;
        assert!(broken.iter().any(|finding| finding.contains("the read model says")), "{crime}: {broken:#?}");
    }
    sql.execute(LAWLESS).await;
    sql.execute("UPDATE orders SET basic_view = (SELECT basic_view FROM orders LIMIT 1)").await;
    let broken = books::broken(sql.client()).await.unwrap();
    sql.execute("ROLLBACK").await;
    assert!(broken.iter().any(|finding| finding.contains("lists show something else")), "{broken:#?}");
    check(&sql, "afterwards").await;
}
