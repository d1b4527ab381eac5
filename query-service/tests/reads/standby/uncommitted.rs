//! On a standby, a snapshot does not list what is under way.

use std::time::Duration;

use tokio::time::sleep;
use tonic_types::StatusExt;

use crate::support::{Cluster, READS, Service, order};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_what_is_not_committed_yet_lags_where_a_snapshot_alone_would_let_it_pass() {
    let cluster = Cluster::start(Duration::ZERO).await;
    let both = [cluster.on_primary.clone(), cluster.on_standby.clone()];
    let of_both = |limit: &'static [&str]| Service::over(&both, &cluster.on_primary, limit);
    let (slow, quick) = (of_both(&[]).await, of_both(&["--read-wait-limit=100ms"]).await);
    let (late, early) = (order(), order());
    slow.execute("BEGIN").await;
    slow.commit(&late).await;
    let token = slow.token(&late).await;
    let transaction = slow.transaction(&late).await;
    // It has a later transaction, and is committed before.
    quick.commit(&early).await;
    let standby = cluster.standby_rows().await;
    let number = &early.order_number;
    while !standby.is(&format!("EXISTS (SELECT FROM orders WHERE order_number = '{number}')")).await {
        sleep(Duration::from_millis(5)).await;
    }

    let seems = format!("pg_visible_in_snapshot('{transaction}', pg_current_snapshot())");
    assert!(standby.is(&seems).await, "if this no longer holds, standbys know what is under way");
    let number = &late.order_number;
    assert!(!standby.is(&format!("EXISTS (SELECT FROM orders WHERE order_number = '{number}')")).await);

    let of_standby = cluster.service_of_standby("100ms").await;
    for service in [&of_standby, &quick] {
        for read in READS {
            let status = read.is_new(&mut service.client(), &late, &token, None).await.unwrap_err();
            assert_eq!(status.get_error_details().error_info().unwrap().reason, "READ_LAG", "{read:?}");
        }
    }
    slow.execute("COMMIT").await;
    for service in [&of_standby, &quick] {
        for read in READS {
            let wait = Some(Duration::from_secs(30));
            assert!(read.is_new(&mut service.client(), &late, &token, wait).await.unwrap().0, "{read:?}");
        }
    }
}
