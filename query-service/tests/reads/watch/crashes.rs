//! Watches of a database that crashes. PostgreSQL then gives ids of transactions out again that left nothing on its disk.

use std::{process::Command, time::Duration};

use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};
use orders_proto::orders::v1::{GetReadStatusRequest, WatchOrdersRequest};
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{PATIENCE, Watch, told};
use crate::support::{Service, migrate, order};

/// Transactions that come to nothing: more than the commit of an order takes here. What the server notes of them is less than the
/// page of 8 kB that it would write to the disk before a commit makes it.
const IN_VAIN: &str = "BEGIN; SELECT pg_current_xact_id(); ROLLBACK;";
const TIMES_IN_VAIN: usize = 30;

/// The transaction below which all are over, once the database can be asked.
async fn horizon(service: &Service) -> u64 {
    loop {
        let status = service.client().get_read_status(GetReadStatusRequest {}).await;
        let databases = status.map(|status| status.into_inner().databases).unwrap_or_default();
        match databases.first() {
            Some(database) if database.horizon > 0 => return database.horizon,
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Kills all that work for the server, which then recovers from what is on its disk.
async fn crash(server: &PostgresServer) {
    let killed = server.processes().split_off(1);
    let pids = killed.iter().map(u32::to_string);
    // It fails where one of them has ended by itself meanwhile, and kills the others all the same.
    let _one_was_gone = Command::new("kill").arg("-KILL").args(pids).status().unwrap();
    while server.processes().iter().any(|process| killed.contains(process)) {
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_under_ids_that_come_again_are_told() {
    let options = PostgresOptions {
        storage: Storage::ThrowAway,
        durability: Durability::Full,
        // Only commits write to the disk, for the time that this takes.
        settings: vec![("wal_writer_delay".into(), "10s".into())],
    };
    let server = spawn_blocking(move || PostgresServer::start(&options)).await.unwrap().unwrap();
    let url = server.database("orders").await.unwrap();
    server.make_roles("orders").await.unwrap();
    migrate(server.logins("orders").owner).await.unwrap();
    let reader = [server.logins("orders").reader];
    let service = Service::over(&reader, &url, &[]).await;
    let first = order();
    service.commit(&first).await;
    // So that a page begins here.
    service.execute("SELECT pg_switch_wal()").await;
    service.execute(&IN_VAIN.repeat(TIMES_IN_VAIN)).await;
    let live = Watch::from_now(&service).await;
    let resumable = |include_initial| WatchOrdersRequest { include_initial, ..WatchOrdersRequest::default() };
    let (_, of_now) = Watch::begin(service.client(), resumable(false)).await.catch_up().await;
    let (_, of_orders) = Watch::begin(service.client(), resumable(true)).await.catch_up().await;
    let before = horizon(&service).await;
    // The watches look for what is new several times.
    sleep(Duration::from_secs(1)).await;

    crash(&server).await;
    timeout(PATIENCE, horizon(&service)).await.expect("the server recovers");
    let again = Service::over(&reader, &url, &[]).await;
    let second = order();
    again.commit(&second).await;
    let again_given = again.transaction(&second).await;
    assert!(again_given < before, "{again_given} was not given out before {before}");
    // By now the ids are where they were.
    again.execute(&IN_VAIN.repeat(TIMES_IN_VAIN)).await;
    let third = order();
    again.commit(&third).await;
    let mut resumed = vec![live];
    for resume_token in [of_now, of_orders] {
        let request = WatchOrdersRequest { resume_token, ..WatchOrdersRequest::default() };
        resumed.push(Watch::begin(again.client(), request).await);
    }
    for mut watch in resumed {
        let mut names = vec![];
        while names.last() != Some(&third.name) {
            names.push(told(&watch.next_change().await).0);
        }
        assert_eq!(names, [second.name.clone(), third.name.clone()]);
    }
}
