//! BatchCreateOrders.

use std::{collections::HashSet, hash::Hash};

use command_application::BatchCreateOrders;
use orders_proto::orders::v1 as proto;

use super::create_order;
use crate::api::fields::{Checked, Fields, Path};

/// The most orders of one batch.
const MAX_ORDERS: usize = 100;

pub(crate) fn batch_create_orders(
    fields: &mut Fields,
    request: proto::BatchCreateOrdersRequest,
) -> Checked<BatchCreateOrders> {
    if !(1..=MAX_ORDERS).contains(&request.requests.len()) {
        return fields.invalid(Path::Root.field("requests"), format!("must have 1 to {MAX_ORDERS} requests"));
    }
    let id = |request: &proto::CreateOrderRequest| request.order_id.to_ascii_lowercase();
    unique(
        fields,
        "order_id",
        request.requests.iter().map(|request| Some(id(request)).filter(|id| !id.is_empty())),
    );
    let reference = |request: &proto::CreateOrderRequest| request.order.as_ref()?.external_reference.clone();
    let references = request.requests.iter().map(|request| reference(request).map(|r| (r.source, r.id)));
    unique(fields, "order.external_reference", references);
    let orders = fields.each(&Path::Root, "requests", request.requests, |fields, at, request| {
        if !request.request_id.is_empty() {
            let _: Checked<()> =
                fields.invalid(at.field("request_id"), "must be unset: that of the batch counts");
        }
        if request.validate_only {
            let _: Checked<()> =
                fields.invalid(at.field("validate_only"), "must be unset: that of the batch counts");
        }
        create_order(fields, at, request)
    });
    Ok(BatchCreateOrders { orders: orders? })
}

/// Notes every order whose value of a field another one before it has. An order may have none.
fn unique<T: Hash + Eq>(fields: &mut Fields, field: &str, values: impl Iterator<Item = Option<T>>) {
    let mut seen = HashSet::new();
    for (index, value) in values.enumerate() {
        if value.is_some_and(|value| !seen.insert(value)) {
            let _: Checked<()> =
                fields.invalid(Path::Root.element("requests", index).field(field), "is there twice");
        }
    }
}
