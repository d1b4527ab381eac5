//! An order with all its rows, and back into the aggregate.

use std::collections::{BTreeMap, HashMap};

use shared_domain::{
    BrokenInvariant, CancelNote, Cancellation, Channel, Code, Contact, Currency, CustomerId, Details,
    ExternalId, ExternalReference, Hold, InvalidValue, Metadata, Money, Order, OrderId, OrderNumber,
    OrderSnapshot, Payment, PurchaseOrderNumber, Reason, ShippingLine, ShortText, Tags, Times, Title,
    parse_currency,
};
use shared_infrastructure::wire::enums;

use super::{
    OrderAdjustmentRow, OrderLineRow, OrderRow, PaymentRow, PaymentTransactionRow, ShipmentRow,
    order_model::ShippingLineJson,
    stored::{Corrupt, Stored, optional},
};

/// All rows of one order; its parts by ascending number.
#[derive(Debug)]
pub(in crate::persistence) struct StoredOrder {
    pub(in crate::persistence) order: OrderRow,
    pub(in crate::persistence) lines: Vec<OrderLineRow>,
    pub(in crate::persistence) adjustments: Vec<OrderAdjustmentRow>,
    pub(in crate::persistence) payments: Vec<PaymentRow>,
    pub(in crate::persistence) transactions: Vec<PaymentTransactionRow>,
    pub(in crate::persistence) shipments: Vec<ShipmentRow>,
}

impl StoredOrder {
    /// The aggregate with this id.
    ///
    /// # Errors
    /// [`BrokenInvariant`], naming the column that holds what it cannot, or the rule that does not hold.
    pub(in crate::persistence) fn restore(self, id: OrderId) -> Result<Order, BrokenInvariant> {
        let version = u64::try_from(self.order.version).unwrap_or_default();
        let damaged = |Corrupt(what)| BrokenInvariant { order: id, version, what };
        Order::restore(self.snapshot(id, version).map_err(damaged)?)
    }

    fn snapshot(self, id: OrderId, version: u64) -> Result<OrderSnapshot, Corrupt> {
        let row = self.order;
        let currency = parse_currency(&row.currency).stored("orders.currency")?;
        let address = |json: super::party_model::AddressJson| json.try_into();
        let reason =
            |number: i16| enums::cancel_reason::from_number(number.into()).stored("orders.cancel_reason");
        Ok(OrderSnapshot {
            id,
            version,
            number: row.order_number.map(OrderNumber::stored),
            state: enums::order_state::from_number(row.state.into()).stored("orders.state")?,
            hold: match (row.hold_reason, row.hold_time) {
                (Some(reason), Some(time)) => {
                    Some(Hold { reason: Reason::new(reason).stored("orders.hold_reason")?, time })
                }
                (None, None) => None,
                _ => return Err(Corrupt("orders.hold_time")),
            },
            channel: optional(row.channel, Channel::new, "orders.channel")?,
            customer_id: optional(row.customer_id, CustomerId::new, "orders.customer_id")?,
            external_reference: match (row.external_source, row.external_id) {
                (Some(source), Some(id)) => Some(ExternalReference {
                    source: Code::new(source).stored("orders.external_source")?,
                    id: ExternalId::new(id).stored("orders.external_id")?,
                }),
                (None, None) => None,
                _ => return Err(Corrupt("orders.external_id")),
            },
            details: Details {
                contact: optional(row.contact, |json| Contact::try_from(json.0), "orders.contact")?,
                billing_address: optional(
                    row.billing_address,
                    |json| address(json.0),
                    "orders.billing_address",
                )?,
                tags: tags(row.tags.0).stored("orders.tags")?,
                metadata: metadata(row.metadata.0).stored("orders.metadata")?,
                purchase_order_number: optional(
                    row.purchase_order_number,
                    PurchaseOrderNumber::new,
                    "orders.purchase_order_number",
                )?,
            },
            shipping_address: optional(
                row.shipping_address,
                |json| address(json.0),
                "orders.shipping_address",
            )?,
            currency,
            lines: self.lines.into_iter().map(|line| line.restore(currency)).collect::<Result<_, _>>()?,
            adjustments: self
                .adjustments
                .into_iter()
                .map(|a| a.restore(currency))
                .collect::<Result<_, _>>()?,
            shipping_lines: row
                .shipping_lines
                .0
                .into_iter()
                .map(|line| shipping_line(line, currency))
                .collect::<Result<_, _>>()?,
            payments: payments(self.payments, self.transactions, currency)?,
            shipments: self.shipments.into_iter().map(|s| s.restore()).collect::<Result<_, _>>()?,
            cancellation: match row.cancel_reason.map(reason).transpose()? {
                Some(reason) => {
                    let note = optional(row.cancel_note, CancelNote::new, "orders.cancel_note")?;
                    Some(Cancellation { reason, note })
                }
                None => None,
            },
            times: Times {
                create: row.create_time,
                update: row.update_time,
                place: row.place_time,
                confirm: row.confirm_time,
                complete: row.complete_time,
                cancel: row.cancel_time,
            },
            last_line_id: row.last_line_id.try_into().stored("orders.last_line_id")?,
            last_adjustment_id: row.last_adjustment_id.try_into().stored("orders.last_adjustment_id")?,
        })
    }
}

fn tags(tags: Vec<String>) -> Result<Tags, InvalidValue> {
    Tags::new(tags.into_iter().map(Code::new).collect::<Result<_, _>>()?)
}

fn metadata(pairs: BTreeMap<String, String>) -> Result<Metadata, InvalidValue> {
    let pair = |(key, value): (String, String)| {
        let value = (!value.is_empty()).then(|| ShortText::new(value)).transpose()?;
        Ok((Code::new(key)?, value))
    };
    Metadata::new(pairs.into_iter().map(pair).collect::<Result<_, InvalidValue>>()?)
}

fn shipping_line(line: ShippingLineJson, currency: Currency) -> Result<ShippingLine, Corrupt> {
    const COLUMN: &str = "orders.shipping_lines";
    Ok(ShippingLine {
        method: Code::new(line.method).stored(COLUMN)?,
        title: optional(line.title, Title::new, COLUMN)?,
        amount: Money::new(line.amount, currency).stored(COLUMN)?,
        tax_amount: Money::new(line.tax_amount, currency).stored(COLUMN)?,
    })
}

/// The payments, each with its transactions.
fn payments(
    payments: Vec<PaymentRow>,
    transactions: Vec<PaymentTransactionRow>,
    currency: Currency,
) -> Result<Vec<Payment>, Corrupt> {
    let mut by_payment: HashMap<i32, Vec<_>> = HashMap::new();
    for transaction in transactions {
        let payment = transaction.payment_id;
        by_payment.entry(payment).or_default().push(transaction.restore(currency)?);
    }
    let restore = |payment: PaymentRow| {
        let transactions = by_payment.remove(&payment.payment_id).unwrap_or_default();
        payment.restore(currency, transactions)
    };
    let payments = payments.into_iter().map(restore).collect::<Result<_, _>>()?;
    if by_payment.is_empty() { Ok(payments) } else { Err(Corrupt("payment_transactions.payment_id")) }
}
