//! Reads that are cut: whoever comes next does not wait behind them.

use std::time::Duration;

use orders_proto::orders::v1::{GetOrderRequest, ListOrdersRequest};
use tokio::time::sleep;
use tonic::{Code, Request};

use crate::support::{Service, order};

/// As many as the pool of the service has connections, three times over.
const CALLS: usize = 24;

#[tokio::test]
async fn a_cut_list_stops_in_the_database_and_leaves_its_connection_free() {
    let service = Service::start().await;
    let order = order();
    service.commit(&order).await;
    let get = GetOrderRequest { name: order.name.clone(), ..GetOrderRequest::default() };

    service.execute("BEGIN; LOCK orders").await;
    let cut = (0..CALLS).map(|_| {
        let mut client = service.client();
        tokio::spawn(async move {
            let mut list = Request::new(ListOrdersRequest::default());
            list.set_timeout(Duration::from_millis(50));
            client.list_orders(list).await.err()
        })
    });
    for call in cut.collect::<Vec<_>>() {
        let code = call.await.unwrap().map(|status| status.code());
        // Whichever is first: the client that gives up, or the service that says so.
        assert!(matches!(code, Some(Code::Cancelled | Code::DeadlineExceeded)), "{code:?}");
    }
    // The lock is still held: what waits for it now would wait for as long.
    for _ in 0..50 {
        if service.busy_connections().await == 0 {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(service.busy_connections().await, 0, "statements go on that nobody waits for");
    service.execute("ROLLBACK").await;
    assert_eq!(service.client().get_order(get).await.unwrap().into_inner().name, order.name);
}
