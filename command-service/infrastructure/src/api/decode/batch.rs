//! BatchCreateOrders.

use std::collections::HashSet;

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
    let mut ids = HashSet::new();
    let mut again = |id: &str| !id.is_empty() && !ids.insert(id.to_ascii_lowercase());
    let again: Vec<_> = request.requests.iter().map(|request| again(&request.order_id)).collect();
    for (index, _) in again.into_iter().enumerate().filter(|(_, again)| *again) {
        let _: Checked<()> =
            fields.invalid(Path::Root.element("requests", index).field("order_id"), "is there twice");
    }
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
