//! Statistics and search through the front doors: what is read is what was written, as soon as its token is shown.

mod aggregates;
mod kills;
mod search;
mod upkeep;

use orders_proto::orders::v1::{CreateOrderRequest, Order};
use tonic::{Request, metadata::MetadataValue};

use crate::support::{Commands, request_id};

/// A call for a tenant.
fn of_tenant<T>(tenant: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("x-tenant-id", MetadataValue::from_static(tenant));
    request
}

/// An order that is created for a tenant.
async fn created(commands: &mut Commands, tenant: &'static str, order: Order) -> Order {
    let place = order.contact.is_some();
    let request =
        CreateOrderRequest { order: Some(order), place, request_id: request_id(), ..Default::default() };
    commands.create_order(of_tenant(tenant, request)).await.unwrap().into_inner()
}
