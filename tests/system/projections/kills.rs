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
    eventually("the projections have caught up", async || {
        sql.number("SELECT count(next_xid) FROM active_projections").await == 0
    })
    .await;
    let wrong: Vec<String> = sql.rows(PROJECTIONS_WRONG).await.iter().map(|row| row.get(0)).collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(sql.number("SELECT sum(order_count)::bigint FROM order_statistics").await, 600);
}
