//! A standby: it follows, some time behind, and goes on by itself when it is promoted.

use std::time::{Duration, Instant};

use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};

use super::support::{alive, query};

const DELAY: Duration = Duration::from_millis(700);

#[tokio::test]
async fn a_standby_follows_after_its_delay_and_can_be_promoted() {
    let options = PostgresOptions {
        storage: Storage::ThrowAway,
        durability: Durability::None,
        settings: vec![("max_connections".into(), "40".into())],
    };
    let primary = PostgresServer::start(&options).unwrap();
    let url = primary.database("orders").await.unwrap();
    query(&url, "CREATE TABLE numbers AS SELECT 1 AS number").await.unwrap();
    let standby = primary.start_standby(DELAY).unwrap();
    let here = standby.url("orders");
    assert_eq!(query(&here, "SELECT pg_is_in_recovery()::text").await.unwrap(), "true");
    assert_eq!(query(&here, "SELECT count(*)::text FROM numbers").await.unwrap(), "1");

    query(&url, "INSERT INTO numbers VALUES (2)").await.unwrap();
    let committed = Instant::now();
    while query(&here, "SELECT count(*)::text FROM numbers").await.unwrap() != "2" {
        assert!(committed.elapsed() < Duration::from_secs(30), "it follows");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(committed.elapsed() > DELAY / 2, "{:?}", committed.elapsed());
    assert!(query(&here, "INSERT INTO numbers VALUES (3)").await.is_err(), "it cannot be written to");

    primary.stop();
    assert_eq!(query(&here, "SELECT pg_promote()::text").await.unwrap(), "true");
    query(&here, "INSERT INTO numbers VALUES (3)").await.unwrap();
    let pid = standby.pid();
    standby.stop();
    assert!(!alive(pid));
}
