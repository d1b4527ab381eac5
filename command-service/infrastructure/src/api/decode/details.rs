//! UpdateOrder: a mask, and new values for the fields in it.

use command_application::UpdateOrder;
use orders_proto::orders::v1 as proto;
use shared_domain::{DetailsPatch, PurchaseOrderNumber};
use shared_infrastructure::errors::ErrorReason;

use super::value::{address, contact, metadata, order_name, tags};
use crate::api::fields::{Checked, Fields, Path};

const UPDATABLE: [&str; 5] = ["contact", "billing_address", "tags", "metadata", "purchase_order_number"];

pub(crate) fn update_order(fields: &mut Fields, request: proto::UpdateOrderRequest) -> Checked<UpdateOrder> {
    let mask = mask(fields, request.update_mask.map(|mask| mask.paths).unwrap_or_default());
    let order = fields.required(Path::Root.field("order"), request.order)?;
    let id = order_name(fields, Path::Root.field("order").field("name"), &order.name);
    let patch = patch(fields, &mask?, order);
    Ok(UpdateOrder { order: id?, patch: patch? })
}

fn mask(fields: &mut Fields, paths: Vec<String>) -> Checked<Vec<String>> {
    let at = Path::Root.field("update_mask");
    if paths == ["*"] {
        return Ok(UPDATABLE.map(str::to_owned).to_vec());
    }
    let rule = || format!("must name some of {}, or be *", UPDATABLE.join(", "));
    if paths.is_empty() {
        return fields.wrong(at, ErrorReason::InvalidFieldMask, rule());
    }
    match paths.iter().find(|path| !UPDATABLE.contains(&path.as_str())) {
        Some(path) => fields.wrong(
            at,
            ErrorReason::InvalidFieldMask,
            format!("{path:?} cannot be updated: it {}", rule()),
        ),
        None => Ok(paths),
    }
}

fn patch(fields: &mut Fields, mask: &[String], order: proto::Order) -> Checked<DetailsPatch> {
    let at = Path::Root.field("order");
    let has = |path: &str| mask.iter().any(|masked| masked == path);
    let given_contact = order.contact.filter(|_| has("contact"));
    let contact = given_contact.map(|c| contact(fields, at.field("contact"), c)).transpose();
    let given_address = order.billing_address.filter(|_| has("billing_address"));
    let billing_address = given_address.map(|a| address(fields, at.field("billing_address"), a)).transpose();
    let tags = has("tags").then(|| tags(fields, &at, order.tags)).transpose();
    let metadata = has("metadata").then(|| metadata(fields, &at, order.metadata)).transpose();
    let number = has("purchase_order_number").then_some(order.purchase_order_number);
    let number = number
        .map(|number| fields.optional(at.field("purchase_order_number"), number, PurchaseOrderNumber::new))
        .transpose();
    Ok(DetailsPatch {
        contact: contact.map(|contact| has("contact").then_some(contact))?,
        billing_address: billing_address.map(|address| has("billing_address").then_some(address))?,
        tags: tags?,
        metadata: metadata?,
        purchase_order_number: number?,
    })
}
