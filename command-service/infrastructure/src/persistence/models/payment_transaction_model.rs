//! Rows of `payment_transactions`.

use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text, Timestamptz};
use shared_domain::{
    Code, Currency, FailureMessage, Money, Payment, PaymentFailure, PaymentTransaction, ProviderReference,
    Timestamp, TransactionId,
};
use shared_infrastructure::wire::enums;

use super::stored::{Corrupt, Stored, integer, optional, optional_text, smallint};
use crate::persistence::row::{PartRow, row};

row! {
    /// A transaction of a payment. The provider is that of the payment, repeated for look-ups.
    PaymentTransactionRow {
        transaction_id: Integer => i32,
        payment_id: Integer => i32,
        kind: SmallInt => i16,
        state: SmallInt => i16,
        amount: BigInt => i64,
        provider: Text => String,
        provider_reference: Text => String,
        failure_code: Nullable<Text> => Option<String>,
        failure_message: Nullable<Text> => Option<String>,
        failure_retryable: Nullable<Bool> => Option<bool>,
        exceeds_expected: Bool => bool,
        occur_time: Timestamptz => Timestamp,
        create_time: Timestamptz => Timestamp,
        update_time: Timestamptz => Timestamp,
    }
}

impl PartRow for PaymentTransactionRow {
    const TABLE: &'static str = "payment_transactions";

    fn number(&self) -> i32 {
        self.transaction_id
    }
}

impl PaymentTransactionRow {
    /// The rows of a payment's transactions.
    pub(in crate::persistence) fn all(payment: &Payment) -> impl Iterator<Item = Self> {
        payment.transactions.iter().map(|transaction| Self::of(payment, transaction))
    }

    fn of(payment: &Payment, transaction: &PaymentTransaction) -> Self {
        let failure = transaction.failure.as_ref();
        Self {
            transaction_id: integer(transaction.id.0),
            payment_id: integer(payment.id.0),
            kind: smallint(enums::transaction_kind::number(transaction.kind)),
            state: smallint(enums::transaction_state::number(transaction.state)),
            amount: transaction.amount.minor_units(),
            provider: payment.provider.as_str().to_owned(),
            provider_reference: transaction.provider_reference.as_str().to_owned(),
            failure_code: failure.map(|failure| failure.code.as_str().to_owned()),
            failure_message: failure.and_then(|failure| optional_text!(failure.message)),
            failure_retryable: failure.map(|failure| failure.retryable),
            exceeds_expected: transaction.exceeds_expected,
            occur_time: transaction.occur_time,
            create_time: transaction.create_time,
            update_time: transaction.update_time,
        }
    }

    /// The transaction of an order in this currency.
    pub(super) fn restore(self, currency: Currency) -> Result<PaymentTransaction, Corrupt> {
        const FAILURE: &str = "payment_transactions.failure_code";
        let message =
            optional(self.failure_message, FailureMessage::new, "payment_transactions.failure_message")?;
        let failure = match (self.failure_code, self.failure_retryable) {
            (Some(code), Some(retryable)) => {
                Some(PaymentFailure { code: Code::new(code).stored(FAILURE)?, message, retryable })
            }
            (None, None) => None,
            _ => return Err(Corrupt(FAILURE)),
        };
        Ok(PaymentTransaction {
            id: TransactionId(self.transaction_id.try_into().stored("payment_transactions.transaction_id")?),
            kind: enums::transaction_kind::from_number(self.kind.into())
                .stored("payment_transactions.kind")?,
            state: enums::transaction_state::from_number(self.state.into())
                .stored("payment_transactions.state")?,
            amount: Money::new(self.amount, currency).stored("payment_transactions.amount")?,
            provider_reference: ProviderReference::new(self.provider_reference)
                .stored("payment_transactions.provider_reference")?,
            failure,
            occur_time: self.occur_time,
            create_time: self.create_time,
            update_time: self.update_time,
            exceeds_expected: self.exceeds_expected,
        })
    }
}
