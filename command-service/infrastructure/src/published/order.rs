//! The order.

use orders_proto::orders::v1 as proto;
use shared_domain::{
    Adjustment, AdjustmentScope, Allocation, Cancellation, Hold, Line, Money, OrderSnapshot, Payment,
    PaymentFailure, PaymentTransaction, Shipment, ShippingLine, Totals,
};
use shared_infrastructure::wire::{enums, money, order_name, timestamp};

use super::value::{address, contact, external_reference, line_units, metadata, quantity, tags, text};

/// What a row of a list shows of an order: [`proto::OrderView::Basic`].
pub(crate) fn basic_view(order: &OrderSnapshot) -> proto::Order {
    let total = order.totals().total;
    proto::Order {
        name: order_name(order.id),
        order_number: text!(order.number),
        state: enums::order_state::number(order.state),
        payment_state: enums::payment_state::number(order.payment_state()),
        fulfillment_state: enums::fulfillment_state::number(order.fulfillment_state()),
        hold: order.hold.as_ref().map(hold),
        version: i64::try_from(order.version).expect("versions count commits"),
        etag: format!("W/\"{}\"", order.version),
        channel: text!(order.channel),
        customer_id: text!(order.customer_id),
        external_reference: order.external_reference.as_ref().map(external_reference),
        tags: tags(&order.details.tags),
        currency_code: order.currency.code().to_owned(),
        totals: Some(proto::Totals { total: Some(money(total)), ..proto::Totals::default() }),
        balance: Some(money(order.balance_of(total))),
        create_time: Some(timestamp(order.times.create)),
        update_time: Some(timestamp(order.times.update)),
        place_time: order.times.place.map(timestamp),
        confirm_time: order.times.confirm.map(timestamp),
        complete_time: order.times.complete.map(timestamp),
        cancel_time: order.times.cancel.map(timestamp),
        ..proto::Order::default()
    }
}

/// The published state of an order: all of [`proto::Order`] but the consistency token.
pub(crate) fn order(order: &OrderSnapshot) -> proto::Order {
    proto::Order {
        purchase_order_number: text!(order.details.purchase_order_number),
        contact: order.details.contact.as_ref().map(contact),
        billing_address: order.details.billing_address.as_ref().map(address),
        shipping_address: order.shipping_address.as_ref().map(address),
        metadata: metadata(&order.details.metadata),
        lines: order
            .lines
            .iter()
            .zip(order.line_discounts())
            .map(|(l, discount)| line(order, l, discount))
            .collect(),
        adjustments: order.adjustments.iter().map(adjustment).collect(),
        shipping_lines: order.shipping_lines.iter().map(shipping_line).collect(),
        totals: Some(totals(&order.totals())),
        payments: order.payments.iter().map(payment).collect(),
        shipments: order.shipments.iter().map(shipment).collect(),
        cancellation: order.cancellation.as_ref().map(cancellation),
        ..basic_view(order)
    }
}

fn hold(hold: &Hold) -> proto::Hold {
    proto::Hold { reason: hold.reason.as_str().to_owned(), hold_time: Some(timestamp(hold.time)) }
}

fn cancellation(cancellation: &Cancellation) -> proto::Cancellation {
    proto::Cancellation {
        reason: enums::cancel_reason::number(cancellation.reason),
        note: text!(cancellation.note),
    }
}

fn line(order: &OrderSnapshot, line: &Line, discount: Money) -> proto::OrderLine {
    proto::OrderLine {
        subtotal: Some(money(order.line_subtotal(line))),
        discount_amount: Some(money(discount)),
        ..new_line(line)
    }
}

/// A line without what follows from the rest of its order.
pub(super) fn new_line(line: &Line) -> proto::OrderLine {
    proto::OrderLine {
        line_id: line.id.0,
        sku: line.sku.as_str().to_owned(),
        title: text!(line.title),
        quantity: quantity(line.ordered),
        unit_price: Some(money(line.unit_price)),
        tax_amount: Some(money(line.tax_amount)),
        requires_shipping: Some(line.requires_shipping),
        quantities: Some(proto::LineQuantities {
            ordered: quantity(line.ordered),
            cancelled: quantity(line.cancelled),
            in_shipment: quantity(line.in_shipment),
            shipped: quantity(line.shipped),
            delivered: quantity(line.delivered),
            open: quantity(line.open()),
        }),
        subtotal: None,
        discount_amount: None,
    }
}

pub(super) fn adjustment(adjustment: &Adjustment) -> proto::Adjustment {
    let (scope, line_id) = match adjustment.scope {
        AdjustmentScope::Order => (proto::AdjustmentScope::Order, 0),
        AdjustmentScope::Line(line_id) => (proto::AdjustmentScope::Line, line_id.0),
        AdjustmentScope::Shipping => (proto::AdjustmentScope::Shipping, 0),
    };
    proto::Adjustment {
        adjustment_id: adjustment.id.0,
        kind: enums::adjustment_kind::number(adjustment.kind),
        scope: scope.into(),
        line_id,
        amount: Some(money(adjustment.amount)),
        source_code: adjustment.source_code.as_str().to_owned(),
        reason: text!(adjustment.reason),
        allocations: allocations(&adjustment.allocations),
    }
}

pub(super) fn allocations(shares: &[Allocation]) -> Vec<proto::AdjustmentAllocation> {
    let wire = |share: &Allocation| proto::AdjustmentAllocation {
        line_id: share.line_id.0,
        amount: Some(money(share.amount)),
    };
    shares.iter().map(wire).collect()
}

pub(super) fn shipping_line(line: &ShippingLine) -> proto::ShippingLine {
    proto::ShippingLine {
        method: line.method.as_str().to_owned(),
        title: text!(line.title),
        amount: Some(money(line.amount)),
        tax_amount: Some(money(line.tax_amount)),
    }
}

fn totals(totals: &Totals) -> proto::Totals {
    proto::Totals {
        subtotal: Some(money(totals.subtotal)),
        discount: Some(money(totals.discount)),
        surcharge: Some(money(totals.surcharge)),
        shipping: Some(money(totals.shipping)),
        tax: Some(money(totals.tax)),
        total: Some(money(totals.total)),
    }
}

pub(super) fn payment(payment: &Payment) -> proto::Payment {
    proto::Payment {
        payment_id: payment.id.0,
        provider: payment.provider.as_str().to_owned(),
        provider_reference: payment.provider_reference.as_str().to_owned(),
        method_label: text!(payment.method_label),
        planned_amount: payment.planned_amount.map(money),
        transactions: payment.transactions.iter().map(transaction).collect(),
    }
}

pub(super) fn transaction(transaction: &PaymentTransaction) -> proto::PaymentTransaction {
    proto::PaymentTransaction {
        transaction_id: transaction.id.0,
        kind: enums::transaction_kind::number(transaction.kind),
        state: enums::transaction_state::number(transaction.state),
        amount: Some(money(transaction.amount)),
        provider_reference: transaction.provider_reference.as_str().to_owned(),
        failure: transaction.failure.as_ref().map(failure),
        occur_time: Some(timestamp(transaction.occur_time)),
        create_time: Some(timestamp(transaction.create_time)),
        update_time: Some(timestamp(transaction.update_time)),
        exceeds_expected: transaction.exceeds_expected,
    }
}

pub(super) fn failure(failure: &PaymentFailure) -> proto::PaymentFailure {
    proto::PaymentFailure {
        code: failure.code.as_str().to_owned(),
        message: text!(failure.message),
        retryable: failure.retryable,
    }
}

pub(super) fn shipment(shipment: &Shipment) -> proto::Shipment {
    proto::Shipment {
        shipment_id: shipment.id.0,
        state: enums::shipment_state::number(shipment.state),
        items: line_units(&shipment.items),
        carrier: text!(shipment.carrier),
        tracking_number: text!(shipment.tracking_number),
        create_time: Some(timestamp(shipment.create_time)),
        ship_time: shipment.ship_time.map(timestamp),
        deliver_time: shipment.deliver_time.map(timestamp),
        end_time: shipment.end_time.map(timestamp),
        failure_reason: shipment.failure.map_or(0, enums::shipment_failure::number),
        note: text!(shipment.note),
    }
}
