//! Command services that follow and are killed (`kill -9`) at random, several at a time: each commit counts exactly once.

use std::time::Duration;

use chaos::books::PROJECTIONS_WRONG;
use fastrand::Rng;
use local_stack::Service;
use orders_proto::orders::v1::{AddOrderNoteRequest, NoteVisibility};
use tokio::{task::JoinSet, time::sleep};

use super::{created, of_tenant};
use crate::support::{Commands, Sql, cart, commands_at, eventually, migrated_database, service};

async fn write(mut commands: Commands) {
    for number in 0..150 {
        let order = created(&mut commands, "acme", cart()).await;
        if number % 2 == 0 {
            let note = AddOrderNoteRequest {
                name: order.name,
                text: "still here".to_owned(),
                visibility: NoteVisibility::Internal.into(),
                ..AddOrderNoteRequest::default()
            };
            commands.add_order_note(of_tenant("acme", note)).await.unwrap();
        }
    }
}

async fn caught_up(sql: &Sql) {
    eventually("the projections have caught up", async || {
        sql.number("SELECT count(next_xid) FROM active_projections").await == 0
    })
    .await;
}

/// What is not as the orders are, as a text each.
async fn wrong(sql: &Sql) -> Vec<String> {
    sql.rows(PROJECTIONS_WRONG).await.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_in_them_is_seen() {
    let database = migrated_database().await;
    let commands = service(Service::Command, &database).await;
    for _ in 0..3 {
        created(&mut commands_at(commands.address()).await, "acme", cart()).await;
    }
    let sql = Sql::connect(&database).await;
    caught_up(&sql).await;
    assert_eq!(wrong(&sql).await, Vec::<String>::new());
    let unknown = "00000000-0000-0000-0000-000000000000";
    sql.execute(&format!(
        "UPDATE order_search SET order_id = '{unknown}' WHERE order_id = (SELECT min(order_id::text)::uuid FROM orders)"
    ))
    .await;
    let missing = sql.rows("SELECT min(order_id::text) FROM orders").await[0].get(0);
    let mut seen = wrong(&sql).await;
    seen.sort();
    assert_eq!(seen, [unknown.to_owned(), missing]);
    sql.execute("UPDATE order_stats_daily SET total_sum = total_sum + 1").await;
    assert_eq!(wrong(&sql).await.len(), 4, "what it should be, and what it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_that_are_killed_count_each_commit_once() {
    let database = migrated_database().await;
    let survivor = service(Service::Command, &database).await;
    let mut writers = JoinSet::new();
    for _ in 0..4 {
        writers.spawn(write(commands_at(survivor.address()).await));
    }
    let killing = async {
        let mut rng = Rng::with_seed(9);
        for _ in 0..4 {
            let victims =
                [service(Service::Command, &database).await, service(Service::Command, &database).await];
            sleep(Duration::from_millis(rng.u64(..300))).await;
            for victim in victims {
                victim.kill().await.unwrap();
            }
        }
    };
    tokio::join!(writers.join_all(), killing);
    let sql = Sql::connect(&database).await;
    caught_up(&sql).await;
    assert_eq!(wrong(&sql).await, Vec::<String>::new());
    assert_eq!(sql.number("SELECT sum(order_count)::bigint FROM order_statistics").await, 600);
}
