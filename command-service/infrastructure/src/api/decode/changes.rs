//! AmendOrder: a list of changes.

use command_application::AmendOrder;
use orders_proto::orders::v1::{self as proto, order_change::Change};
use shared_domain::{AdjustmentId, LineId, MAX_LINES, OrderChange};

use super::{
    draft::{new_adjustment, new_line, shipping_lines},
    value::{address, amount, number, optional_amount, order_name, quantity},
};
use crate::api::fields::{Checked, Fields, Path};

pub(crate) fn amend_order(fields: &mut Fields, request: proto::AmendOrderRequest) -> Checked<AmendOrder> {
    let order = order_name(fields, Path::Root.field("name"), &request.name);
    if !(1..=MAX_LINES).contains(&request.changes.len()) {
        return fields.invalid(Path::Root.field("changes"), format!("must have 1 to {MAX_LINES} changes"));
    }
    let changes = fields.each(&Path::Root, "changes", request.changes, |fields, at, change| {
        let change = fields.required(at, change.change)?;
        self::change(fields, &at, change)
    });
    Ok(AmendOrder { order: order?, changes: changes? })
}

fn change(fields: &mut Fields, at: &Path<'_>, change: Change) -> Checked<OrderChange> {
    Ok(match change {
        Change::AddLine(line) => OrderChange::AddLine(new_line(fields, at.field("add_line"), line, None)?),
        Change::SetQuantity(set) => {
            let at = at.field("set_quantity");
            let line_id = number(fields, at.field("line_id"), set.line_id, LineId);
            let quantity = quantity(fields, at.field("quantity"), set.quantity);
            let tax_amount = optional_amount(fields, at.field("tax_amount"), set.tax_amount);
            OrderChange::SetQuantity { line_id: line_id?, quantity: quantity?, tax_amount: tax_amount? }
        }
        Change::RemoveLine(remove) => {
            let at = at.field("remove_line");
            OrderChange::RemoveLine { line_id: number(fields, at.field("line_id"), remove.line_id, LineId)? }
        }
        Change::SetUnitPrice(set) => {
            let at = at.field("set_unit_price");
            let line_id = number(fields, at.field("line_id"), set.line_id, LineId);
            let unit_price = fields.required(at.field("unit_price"), set.unit_price);
            let unit_price = unit_price.and_then(|price| amount(fields, at.field("unit_price"), price));
            let tax_amount = optional_amount(fields, at.field("tax_amount"), set.tax_amount);
            OrderChange::SetUnitPrice { line_id: line_id?, unit_price: unit_price?, tax_amount: tax_amount? }
        }
        Change::AddAdjustment(adjustment) => {
            OrderChange::AddAdjustment(new_adjustment(fields, at.field("add_adjustment"), adjustment, None)?)
        }
        Change::RemoveAdjustment(remove) => {
            let at = at.field("remove_adjustment");
            let adjustment_id =
                number(fields, at.field("adjustment_id"), remove.adjustment_id, AdjustmentId)?;
            OrderChange::RemoveAdjustment { adjustment_id }
        }
        Change::SetShipping(set) => {
            let at = at.field("set_shipping");
            OrderChange::SetShipping(shipping_lines(fields, &at, set.shipping_lines, None)?)
        }
        Change::SetShippingAddress(set) => {
            OrderChange::SetShippingAddress(address(fields, at.field("set_shipping_address"), set)?)
        }
    })
}
