//! Databases that go away, come back, and change their role.

use std::{slice::from_ref, time::Duration};

use orders_proto::orders::v1::{DatabaseRole, GetReadStatusRequest};
use tokio::time::{sleep, timeout};

use crate::support::{Cluster, READS, Read, Service, changed, order};

const NO_DELAY: Duration = Duration::ZERO;
const PATIENCE: Duration = Duration::from_secs(30);

async fn roles(service: &Service) -> Vec<DatabaseRole> {
    let status = service.client().get_read_status(GetReadStatusRequest {}).await.unwrap().into_inner();
    status.databases.iter().map(|database| database.role()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_standby_the_primary_serves_all_and_the_other_way_round() {
    let mut cluster = Cluster::start(NO_DELAY).await;
    let service = cluster.service().await;
    let first = order();
    service.commit(&first).await;
    let token = service.token(&first).await;
    let mut client = service.client();
    assert!(Read::Get.is_new(&mut client, &first, &token, None).await.unwrap().0);

    cluster.standby.take().unwrap().stop();
    let second = changed(&first, |_| {});
    service.commit(&second).await;
    let token = service.token(&second).await;
    for read in READS {
        for token in ["", token.as_str()] {
            assert!(read.is_new(&mut client, &second, token, None).await.unwrap().0, "{read:?}");
        }
    }
    assert_eq!(roles(&service).await, [DatabaseRole::Primary, DatabaseRole::Unspecified]);

    // And back, on the same socket: the standby is read from as soon as it is seen.
    let primary = cluster.primary.take().unwrap();
    let standby = tokio::task::spawn_blocking(move || {
        primary.start_standby(NO_DELAY).map(|standby| (primary, standby))
    });
    let (primary, standby) = standby.await.unwrap().unwrap();
    let both = Service::over(&[primary.url("orders"), standby.url("orders")], &cluster.on_primary, &[]).await;
    assert!(Read::Get.is_new(&mut both.client(), &second, &token, None).await.unwrap().0);
    primary.stop();
    for read in READS {
        for token in ["", token.as_str()] {
            assert!(read.is_new(&mut both.client(), &second, token, None).await.unwrap().0, "{read:?}");
        }
    }
    assert_eq!(roles(&both).await, [DatabaseRole::Unspecified, DatabaseRole::Standby]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_is_read_from_as_the_primary_that_it_is() {
    let mut cluster = Cluster::start(NO_DELAY).await;
    let service = cluster.service().await;
    let first = order();
    service.commit(&first).await;
    let token = service.token(&first).await;
    let of_standby = cluster.service_of_standby("10s").await;
    assert!(Read::Get.is_new(&mut of_standby.client(), &first, &token, None).await.unwrap().0);

    cluster.primary.take().unwrap().stop();
    cluster.standby_rows().await.execute("SELECT pg_promote()").await;
    let promoted = Service::over(from_ref(&cluster.on_standby), &cluster.on_standby, &[]).await;
    let second = changed(&first, |_| {});
    promoted.commit(&second).await;
    let newest = promoted.token(&second).await;
    // A transaction that goes on forever holds up what a standby would show: a primary tells it from the others.
    promoted.execute("BEGIN; SELECT pg_current_xact_id()").await;
    let elsewhere = Service::over(from_ref(&cluster.on_standby), &cluster.on_standby, &[]).await;
    let third = changed(&second, |_| {});
    elsewhere.commit(&third).await;
    let latest = elsewhere.token(&third).await;
    for token in [&token, &newest, &latest] {
        for service in [&service, &of_standby] {
            for read in READS {
                assert!(read.is_new(&mut service.client(), &third, token, None).await.unwrap().0, "{read:?}");
            }
        }
    }
    let becoming = async {
        while roles(&service).await != [DatabaseRole::Unspecified, DatabaseRole::Primary] {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, becoming).await.expect("the new role is noticed");
}
