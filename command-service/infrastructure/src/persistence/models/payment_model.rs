//! Rows of `payments`.

use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use shared_domain::{
    Currency, MethodLabel, Money, Payment, PaymentId, PaymentTransaction, Provider, ProviderReference,
};

use super::stored::{Corrupt, Stored, filled, integer, optional, text};
use crate::persistence::row::{PartRow, row};

row! {
    /// A payment, without its transactions.
    PaymentRow {
        payment_id: Integer => i32,
        provider: Text => String,
        provider_reference: Text => String,
        method_label: Text => String,
        planned_amount: Nullable<BigInt> => Option<i64>,
    }
}

impl PartRow for PaymentRow {
    const TABLE: &'static str = "payments";

    fn number(&self) -> i32 {
        self.payment_id
    }
}

impl From<&Payment> for PaymentRow {
    fn from(payment: &Payment) -> Self {
        Self {
            payment_id: integer(payment.id.0),
            provider: payment.provider.as_str().to_owned(),
            provider_reference: payment.provider_reference.as_str().to_owned(),
            method_label: text!(payment.method_label),
            planned_amount: payment.planned_amount.map(Money::minor_units),
        }
    }
}

impl PaymentRow {
    /// The payment of an order in this currency, with these transactions.
    pub(super) fn restore(
        self,
        currency: Currency,
        transactions: Vec<PaymentTransaction>,
    ) -> Result<Payment, Corrupt> {
        let money = |amount| Money::new(amount, currency);
        Ok(Payment {
            id: PaymentId(self.payment_id.try_into().stored("payments.payment_id")?),
            provider: Provider::new(self.provider).stored("payments.provider")?,
            provider_reference: ProviderReference::new(self.provider_reference)
                .stored("payments.provider_reference")?,
            method_label: filled(self.method_label, MethodLabel::new, "payments.method_label")?,
            planned_amount: optional(self.planned_amount, money, "payments.planned_amount")?,
            transactions,
        })
    }
}
