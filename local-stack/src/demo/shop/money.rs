//! What a card's provider or the till reports.

use anyhow::{Context, Result};
use orders_proto::{
    google::r#type::Money,
    orders::v1::{
        Order, PaymentFailure, PaymentTransactionKind, PaymentTransactionState,
        RecordPaymentTransactionRequest, ReportedTransaction,
    },
};

use super::{Shop, new_reference};

const CARD: &str = "Visa ending in 4242";

impl Shop {
    /// The card's issuer reserves the total.
    pub(super) async fn authorize(&mut self, order: &Order) -> Result<Order> {
        let total = total(order)?;
        self.new_payment(order, "stripe", CARD, succeeded(PaymentTransactionKind::Authorization, total)).await
    }

    /// The card's issuer refuses to reserve the total.
    pub(super) async fn decline(&mut self, order: &Order) -> Result<Order> {
        let mut report = succeeded(PaymentTransactionKind::Authorization, total(order)?);
        report.set_state(PaymentTransactionState::Failed);
        report.failure = Some(PaymentFailure {
            code: "insufficient_funds".to_owned(),
            message: "Not enough money on the account".to_owned(),
            retryable: true,
        });
        self.new_payment(order, "stripe", CARD, report).await
    }

    /// What is still due is paid at the till.
    pub(super) async fn pay_at_till(&mut self, order: &Order) -> Result<Order> {
        let report = succeeded(PaymentTransactionKind::Capture, balance(order)?);
        self.new_payment(order, "till", "Cash", report).await
    }

    /// What is still due is taken from the card.
    pub(super) async fn capture(&mut self, order: &Order) -> Result<Order> {
        self.on_last_payment(order, succeeded(PaymentTransactionKind::Capture, balance(order)?)).await
    }

    /// What was reserved is let go.
    pub(super) async fn void(&mut self, order: &Order) -> Result<Order> {
        let reserved = order.payments.last().and_then(|payment| payment.transactions.first()?.amount.clone());
        let report = succeeded(PaymentTransactionKind::Void, reserved.context("nothing was reserved")?);
        self.on_last_payment(order, report).await
    }

    /// What was paid too much is given back.
    pub(super) async fn refund(&mut self, order: &Order) -> Result<Order> {
        let balance = balance(order)?;
        let too_much = Money { units: -balance.units, nanos: -balance.nanos, ..balance };
        self.on_last_payment(order, succeeded(PaymentTransactionKind::Refund, too_much)).await
    }

    async fn new_payment(
        &mut self,
        order: &Order,
        provider: &str,
        method_label: &str,
        report: ReportedTransaction,
    ) -> Result<Order> {
        let (name, provider, method_label) =
            (order.name.clone(), provider.to_owned(), method_label.to_owned());
        let (provider_reference, planned_amount) = (new_reference("pi"), report.amount.clone());
        let transaction = Some(report);
        Ok(send!(
            self.record_payment_transaction,
            RecordPaymentTransactionRequest {
                name,
                provider,
                provider_reference,
                method_label,
                planned_amount,
                transaction
            }
        ))
    }

    async fn on_last_payment(&mut self, order: &Order, report: ReportedTransaction) -> Result<Order> {
        let payment_id = order.payments.last().context("no payment yet")?.payment_id;
        let (name, transaction) = (order.name.clone(), Some(report));
        Ok(send!(
            self.record_payment_transaction,
            RecordPaymentTransactionRequest { name, payment_id, transaction }
        ))
    }
}

fn succeeded(kind: PaymentTransactionKind, amount: Money) -> ReportedTransaction {
    ReportedTransaction {
        kind: kind.into(),
        state: PaymentTransactionState::Succeeded.into(),
        amount: Some(amount),
        provider_reference: new_reference("tx"),
        ..ReportedTransaction::default()
    }
}

fn total(order: &Order) -> Result<Money> {
    order.totals.as_ref().and_then(|totals| totals.total.clone()).context("the order has no total")
}

fn balance(order: &Order) -> Result<Money> {
    order.balance.clone().context("the order has no balance")
}
