//! Whether the services see in the data set what was meant to be in it: nothing is measured on a broken one.

use anyhow::{Result, ensure};
use orders_proto::orders::v1::{GetOrderRequest, order_query_service_client::OrderQueryServiceClient};

use super::Site;
use crate::{
    dataset::names,
    workloads::{List, PAGE},
};

/// Reads some of the orders, and a page of some of the customers.
pub(super) async fn check(site: &Site) -> Result<()> {
    let mut orders = OrderQueryServiceClient::connect(format!("http://{}", site.targets().query)).await?;
    let all = &site.orders;
    for n in [0, all.count / 2, all.count - 1] {
        let name = format!("orders/{}", names::order(n));
        let found =
            orders.get_order(GetOrderRequest { name: name.clone(), ..GetOrderRequest::default() }).await?;
        let order = found.into_inner();
        let customer = names::customer(n % all.customers);
        ensure!(order.name == name && order.customer_id == customer, "order {n} is another one: {order:?}");
        ensure!(order.lines.len() == 3 && order.version == 1, "order {n} is not like the first: {order:?}");
    }
    for customer in [0, all.customers - 1] {
        let page = orders.list_orders(List::message(customer)).await?.into_inner();
        let (wanted, found) = (names::customer(customer), page.orders.len());
        ensure!(found == usize::try_from(PAGE)?, "{wanted} has {found} orders on the first page");
        ensure!(
            page.orders.iter().all(|order| order.customer_id == wanted),
            "the page of {wanted} has others' orders"
        );
    }
    Ok(())
}
