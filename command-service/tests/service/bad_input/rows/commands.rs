//! Rows by method.

use super::{
    Row, amount, choice, numbers, one_line, order, paragraph, part, positive, required, row, texts, time,
    visible,
};
use crate::bad_input::contract::Bad;

/// All rows of a method.
pub(in crate::bad_input) fn rows_of(method: &str) -> Vec<Row> {
    let specific = match method {
        "CreateOrder" => create(""),
        "BatchCreateOrders" => batch(),
        "UpdateOrder" => update(),
        "AmendOrder" => amend(),
        "PlaceOrder" => [vec![one_line("reason", 256)], amount("expected_total")].concat(),
        "ConfirmOrder" | "ReleaseOrder" => vec![one_line("reason", 256)],
        "HoldOrder" => vec![required(one_line("reason", 256))],
        "CompleteOrder" => vec![one_line("reason", 256), one_line("payment_override_reason", 256)],
        "CancelOrder" => {
            let own = vec![choice("reason", 7), order::cancel_note(), row("lines", [Bad::Times(501)])];
            [own, order::line_units("lines")].concat()
        }
        "DeleteOrder" => vec![],
        "AddOrderNote" => vec![required(paragraph("text", 2_000)), choice("visibility", 2)],
        "CreateShipment" => {
            let own = vec![
                row("items", [Bad::Unset, Bad::Times(501)]),
                one_line("carrier", 64),
                visible("tracking_number", 64),
            ];
            [own, order::line_units("items")].concat()
        }
        "ShipShipment" => {
            let own = vec![part("shipment_id"), one_line("carrier", 64), visible("tracking_number", 64)];
            [own, time("ship_time")].concat()
        }
        "DeliverShipment" => [vec![part("shipment_id")], time("deliver_time")].concat(),
        "FailShipment" => vec![part("shipment_id"), choice("reason", 2), order::cancel_note()],
        "CancelShipment" => vec![part("shipment_id"), order::cancel_note()],
        "RecordPaymentTransaction" => record(),
        other => panic!("{other} has no rows"),
    };
    [specific, common(method)].concat()
}

/// The fields that every method has, or every one that names an order.
fn common(method: &str) -> Vec<Row> {
    let ids = texts([
        "x",
        "0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8",
        "0193a5b07b1a7c3e9d2a5f4b8c6d7e8f",
        "{193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8}",
        "0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8g",
        "0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8\0",
        "urn:uuid:0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8f",
    ]);
    let mut rows = vec![row("request_id", ids).reason("INVALID_REQUEST_ID")];
    if matches!(method, "CreateOrder" | "BatchCreateOrders") {
        return rows;
    }
    let etags =
        ["1", "\"1\"", "W/1", "W/\"\"", "W/\"0\"", "W/\"-1\"", "W/\"01\"", "W/\"1\" ", "W/\"x\"", "*", "\0"];
    rows.push(row("etag", texts(etags)));
    let names = [
        "orders/",
        "orders/1",
        "order/0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8f",
        "0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8f",
        "orders/0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8f/",
        "orders/0193a5b07b1a7c3e9d2a5f4b8c6d7e8f",
        "orders/0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8\0",
        "Orders/0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8f",
    ];
    let name = if method == "UpdateOrder" { "order.name" } else { "name" };
    rows.push(row(name, [texts(names), vec![Bad::Unset]].concat()));
    rows
}

fn create(at: &str) -> Vec<Row> {
    let field = |name: &str| format!("{at}{name}");
    let ids =
        texts(["x", "0193a5b0-7b1a-4c3e-9d2a-5f4b8c6d7e8f", "00000000-0000-0000-0000-000000000000", "\0"]);
    [
        vec![row(field("order_id"), ids), row(field("order"), [Bad::Unset])],
        amount(&field("expected_total")),
        order::draft(&field("order")),
    ]
    .concat()
}

fn batch() -> Vec<Row> {
    let own = vec![
        row("requests", [Bad::Unset, Bad::Times(101)]),
        row("requests[0].request_id", texts(["x", "0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8f"])),
        row("requests[1].validate_only", [Bad::Bool(true)]),
    ];
    [own, create("requests[1].")].concat()
}

fn update() -> Vec<Row> {
    let masks = [
        &["name"][..],
        &["state"],
        &["contact", "lines"],
        &["*", "tags"],
        &["Contact"],
        &["contact.name"],
        &["metadata.cart"],
        &[""],
        &["\0"],
    ];
    let masks = masks.map(|mask| Bad::Texts(mask.iter().map(|path| (*path).to_owned()).collect()));
    let own = vec![
        row("order", [Bad::Unset]),
        row("update_mask", [Bad::Unset]).reason("INVALID_FIELD_MASK"),
        row("update_mask.paths", [masks.to_vec(), vec![Bad::Unset]].concat())
            .at("update_mask")
            .reason("INVALID_FIELD_MASK"),
    ];
    [own, order::details("order")].concat()
}

fn amend() -> Vec<Row> {
    [
        vec![
            row("changes", [Bad::Unset, Bad::Times(501)]),
            row("changes[0].add_line", [Bad::Unset]).at("changes[0]"),
            part("changes[1].set_quantity.line_id"),
            super::units("changes[1].set_quantity.quantity"),
            part("changes[2].remove_line.line_id"),
            part("changes[3].set_unit_price.line_id"),
            part("changes[5].remove_adjustment.adjustment_id"),
            row("changes[6].set_shipping.shipping_lines", [Bad::Times(21)]).reason("TOO_MANY_LINES"),
        ],
        order::line("changes[0].add_line"),
        amount("changes[1].set_quantity.tax_amount"),
        super::required_amount("changes[3].set_unit_price.unit_price"),
        amount("changes[3].set_unit_price.tax_amount"),
        order::adjustment("changes[4].add_adjustment"),
        order::shipping_line("changes[6].set_shipping.shipping_lines[0]"),
        order::address("changes[7].set_shipping_address"),
    ]
    .concat()
}

fn record() -> Vec<Row> {
    let at = |name: &str| format!("transaction.{name}");
    let own = vec![
        required(visible("provider", 64)),
        required(visible("provider_reference", 128)),
        one_line("method_label", 128),
        row("transaction", [Bad::Unset]),
        choice(at("kind"), 5),
        // 1 stands for no state.
        row(at("state"), numbers([0, 1, -1, 6, i32::MAX.into(), i32::MIN.into()])),
        required(visible(at("provider_reference"), 128)),
        row(at("failure"), [Bad::Unset]),
        // SUCCEEDED, with a failure.
        row(at("state"), numbers([3])).at(at("failure")),
        required(visible(at("failure.code"), 64)),
        paragraph(at("failure.message"), 512),
    ];
    [own, amount("planned_amount"), positive(&at("amount")), time(&at("occur_time"))].concat()
}
