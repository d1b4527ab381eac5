//! CreateOrder: the draft.

use command_application::CreateOrder;
use orders_proto::orders::v1 as proto;
use shared_domain::{
    AdjustmentScope, Channel, Code, Currency, CustomerId, Details, ExternalId, ExternalReference, LineId,
    MAX_ADJUSTMENTS, MAX_LINES, MAX_SHIPPING_LINES, NewAdjustment, NewLine, NewOrder, OrderId,
    PurchaseOrderNumber, Reason, ShippingLine, Sku, Title, parse_currency,
};
use shared_infrastructure::wire::enums;

use super::value::{
    address, amount, contact, enumeration, in_currency, metadata, number, optional_amount, positive_amount,
    quantity, tags,
};
use crate::api::{
    fields::{Checked, Fields, Path},
    request::parse_uuid,
};

pub(crate) fn create_order(
    fields: &mut Fields,
    at: Path<'_>,
    request: proto::CreateOrderRequest,
) -> Checked<CreateOrder> {
    let id = order_id(fields, at.field("order_id"), &request.order_id);
    let expected_total = optional_amount(fields, at.field("expected_total"), request.expected_total);
    let order = fields.required(at.field("order"), request.order)?;
    let draft = draft(fields, at.field("order"), order);
    Ok(CreateOrder { id: id?, draft: draft?, place: request.place, expected_total: expected_total? })
}

fn order_id(fields: &mut Fields, at: Path<'_>, id: &str) -> Checked<Option<OrderId>> {
    if id.is_empty() {
        return Ok(None);
    }
    match parse_uuid(id).and_then(|id| OrderId::chosen(id).ok()) {
        Some(id) => Ok(Some(id)),
        None => fields.invalid(at, "must be a UUID of version 7"),
    }
}

fn draft(fields: &mut Fields, at: Path<'_>, order: proto::Order) -> Checked<NewOrder> {
    let channel = fields.optional(at.field("channel"), order.channel, Channel::new);
    let customer_id = fields.optional(at.field("customer_id"), order.customer_id, CustomerId::new);
    let reference = order.external_reference;
    let external_reference =
        reference.map(|r| external_reference(fields, at.field("external_reference"), r)).transpose();
    let purchase_order_number = fields.optional(
        at.field("purchase_order_number"),
        order.purchase_order_number,
        PurchaseOrderNumber::new,
    );
    let contact = order.contact.map(|c| contact(fields, at.field("contact"), c)).transpose();
    let billing_address =
        order.billing_address.map(|a| address(fields, at.field("billing_address"), a)).transpose();
    let shipping_address =
        order.shipping_address.map(|a| address(fields, at.field("shipping_address"), a)).transpose();
    let tags = tags(fields, &at, order.tags);
    let metadata = metadata(fields, &at, order.metadata);
    let currency = fields.value(at.field("currency_code"), parse_currency(&order.currency_code));
    let known = currency.ok();
    let lines = fields
        .at_most(MAX_LINES, &at, "lines", order.lines, |fields, at, line| new_line(fields, at, line, known));
    let adjustments =
        fields.at_most(MAX_ADJUSTMENTS, &at, "adjustments", order.adjustments, |fields, at, a| {
            new_adjustment(fields, at, a, known)
        });
    let shipping_lines = shipping_lines(fields, &at, order.shipping_lines, known);
    Ok(NewOrder {
        channel: channel?,
        customer_id: customer_id?,
        external_reference: external_reference?,
        details: Details {
            contact: contact?,
            billing_address: billing_address?,
            tags: tags?,
            metadata: metadata?,
            purchase_order_number: purchase_order_number?,
        },
        shipping_address: shipping_address?,
        currency: currency?,
        lines: lines?,
        adjustments: adjustments?,
        shipping_lines: shipping_lines?,
    })
}

fn external_reference(
    fields: &mut Fields,
    at: Path<'_>,
    reference: proto::ExternalReference,
) -> Checked<ExternalReference> {
    let source = fields.value(at.field("source"), Code::new(reference.source));
    let id = fields.value(at.field("id"), ExternalId::new(reference.id));
    Ok(ExternalReference { source: source?, id: id? })
}

pub(super) fn new_line(
    fields: &mut Fields,
    at: Path<'_>,
    line: proto::OrderLine,
    currency: Option<Currency>,
) -> Checked<NewLine> {
    let sku = fields.value(at.field("sku"), Sku::new(line.sku));
    let title = fields.optional(at.field("title"), line.title, Title::new);
    let quantity = quantity(fields, at.field("quantity"), line.quantity);
    let unit_price = fields.required(at.field("unit_price"), line.unit_price);
    let unit_price = unit_price.and_then(|price| amount(fields, at.field("unit_price"), price));
    let unit_price = in_currency(fields, at.field("unit_price"), unit_price, currency);
    let tax_amount = tax(fields, &at, line.tax_amount, currency);
    Ok(NewLine {
        sku: sku?,
        title: title?,
        requires_shipping: line.requires_shipping.unwrap_or(true),
        quantity: quantity?,
        unit_price: unit_price?,
        tax_amount: tax_amount?,
    })
}

pub(super) fn new_adjustment(
    fields: &mut Fields,
    at: Path<'_>,
    adjustment: proto::Adjustment,
    currency: Option<Currency>,
) -> Checked<NewAdjustment> {
    let kind = enumeration(fields, at.field("kind"), adjustment.kind, enums::adjustment_kind::from_number);
    let scope = scope(fields, &at, adjustment.scope, adjustment.line_id);
    let amount = positive_amount(fields, at.field("amount"), adjustment.amount);
    let amount = in_currency(fields, at.field("amount"), amount, currency);
    let source_code = fields.value(at.field("source_code"), Code::new(adjustment.source_code));
    let reason = fields.optional(at.field("reason"), adjustment.reason, Reason::new);
    Ok(NewAdjustment {
        kind: kind?,
        scope: scope?,
        amount: amount?,
        source_code: source_code?,
        reason: reason?,
    })
}

fn scope(fields: &mut Fields, at: &Path<'_>, scope: i32, line_id: u32) -> Checked<AdjustmentScope> {
    use proto::AdjustmentScope as Wire;
    let scope = enumeration(fields, at.field("scope"), scope, |number| {
        Wire::try_from(number).ok().filter(|scope| *scope != Wire::Unspecified)
    })?;
    match scope {
        Wire::Line => number(fields, at.field("line_id"), line_id, LineId).map(AdjustmentScope::Line),
        _ if line_id != 0 => fields.invalid(at.field("line_id"), "belongs to the scope LINE only"),
        Wire::Shipping => Ok(AdjustmentScope::Shipping),
        Wire::Order | Wire::Unspecified => Ok(AdjustmentScope::Order),
    }
}

/// What shipping costs, in the field `shipping_lines`.
pub(super) fn shipping_lines(
    fields: &mut Fields,
    at: &Path<'_>,
    lines: Vec<proto::ShippingLine>,
    currency: Option<Currency>,
) -> Checked<Vec<ShippingLine>> {
    fields.at_most(MAX_SHIPPING_LINES, at, "shipping_lines", lines, |fields, at, line| {
        shipping_line(fields, at, line, currency)
    })
}

fn shipping_line(
    fields: &mut Fields,
    at: Path<'_>,
    line: proto::ShippingLine,
    currency: Option<Currency>,
) -> Checked<ShippingLine> {
    let method = fields.value(at.field("method"), Code::new(line.method));
    let title = fields.optional(at.field("title"), line.title, Title::new);
    let price = fields.required(at.field("amount"), line.amount);
    let price = price.and_then(|price| amount(fields, at.field("amount"), price));
    let price = in_currency(fields, at.field("amount"), price, currency);
    let tax_amount = tax(fields, &at, line.tax_amount, currency);
    let price = price?;
    let tax_amount = tax_amount?.unwrap_or(shared_domain::Money::zero(price.currency()));
    Ok(ShippingLine { method: method?, title: title?, amount: price, tax_amount })
}

fn tax(
    fields: &mut Fields,
    at: &Path<'_>,
    tax: Option<orders_proto::google::r#type::Money>,
    currency: Option<Currency>,
) -> Checked<Option<shared_domain::Money>> {
    let at = at.field("tax_amount");
    let Some(tax) = tax else { return Ok(None) };
    let tax = amount(fields, at, tax);
    in_currency(fields, at, tax, currency).map(Some)
}
