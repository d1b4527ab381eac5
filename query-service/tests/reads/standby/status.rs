//! GetReadStatus: where the databases are, and what a token of it is good for.

use std::time::Duration;

use orders_proto::orders::v1::{DatabaseRole, GetReadStatusRequest, GetReadStatusResponse};
use prost_types::Duration as Lag;
use tokio::time::sleep;

use crate::support::{Cluster, Read, Service, order};

async fn status(service: &Service) -> GetReadStatusResponse {
    service.client().get_read_status(GetReadStatusRequest {}).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_which_database_is_what_and_how_far_behind() {
    let cluster = Cluster::start(Duration::ZERO).await;
    let service = cluster.service().await;
    let of_standby = cluster.service_of_standby("10s").await;
    let known = order();
    service.commit(&known).await;
    let token = service.token(&known).await;
    assert!(Read::Lookup.is_new(&mut of_standby.client(), &known, &token, None).await.unwrap().0);
    cluster.pause().await;
    let order = order();
    service.commit(&order).await;
    sleep(Duration::from_millis(300)).await;

    let GetReadStatusResponse { consistency_token, databases, .. } = status(&service).await;
    let [primary, standby] = databases.as_slice() else { panic!("{databases:?}") };
    assert_eq!((primary.role(), standby.role()), (DatabaseRole::Primary, DatabaseRole::Standby));
    assert_eq!(primary.lag, Some(Lag::default()));
    assert!(primary.horizon > standby.horizon, "{databases:?}");
    let lag: Duration = standby.lag.unwrap().try_into().unwrap();
    assert!(lag > Duration::ZERO);
    // Its token is good everywhere at once, and tells nothing that a database lacks.
    let read = Read::ListBasic.is_new(&mut of_standby.client(), &order, &consistency_token, None).await;
    assert!(!read.unwrap().0);

    cluster.resume().await;
    let caught_up = async {
        loop {
            let status = status(&service).await;
            let [_, standby] = status.databases.as_slice() else { panic!("{status:?}") };
            let mut client = of_standby.client();
            let read = Read::ListBasic.is_new(&mut client, &order, &status.consistency_token, None);
            if read.await.unwrap().0 && standby.lag == Some(Lag::default()) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), caught_up).await.expect("it catches up");
}

#[tokio::test]
async fn a_primary_alone_is_never_behind() {
    let service = Service::start().await;
    let order = order();
    service.commit(&order).await;
    let status = status(&service).await;
    let [primary] = status.databases.as_slice() else { panic!("{status:?}") };
    assert_eq!((primary.role(), primary.lag), (DatabaseRole::Primary, Some(Lag::default())));
    assert!(primary.horizon > 0);
    let projections: Vec<_> = status.projections.iter().map(|projection| projection.name.as_str()).collect();
    assert_eq!(projections, ["order_search", "order_stats_daily"]);
    let read = Read::Get.is_new(&mut service.client(), &order, &status.consistency_token, None).await;
    assert!(read.unwrap().0);
}
