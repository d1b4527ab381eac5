//! Payments, their transactions, and the payment state derived from them.

use crate::{
    Code, FailureMessage, MethodLabel, Money, PaymentId, Provider, ProviderReference, Timestamp,
    TransactionId,
};

/// One means of payment, with all that happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its number in the order.
    pub id: PaymentId,
    /// Who moves the money.
    pub provider: Provider,
    /// The payment's id at the provider.
    pub provider_reference: ProviderReference,
    /// What to show people.
    pub method_label: Option<MethodLabel>,
    /// What it was meant to cover.
    pub planned_amount: Option<Money>,
    /// What happened, oldest first. None is ever removed; a later report carries one further.
    pub transactions: Vec<PaymentTransaction>,
}

/// One movement of money, as the provider reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentTransaction {
    /// Its number in the order.
    pub id: TransactionId,
    /// What was done.
    pub kind: TransactionKind,
    /// How far it got.
    pub state: TransactionState,
    /// How much.
    pub amount: Money,
    /// Its id at the provider.
    pub provider_reference: ProviderReference,
    /// Why it failed.
    pub failure: Option<PaymentFailure>,
    /// When it happened, as the provider says.
    pub occur_time: Timestamp,
    /// When it was recorded first.
    pub create_time: Timestamp,
    /// When its state changed last.
    pub update_time: Timestamp,
    /// Whether it captures more than was authorized or gives back more than was captured.
    pub exceeds_expected: bool,
}

/// Why a payment transaction failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentFailure {
    /// The provider's code.
    pub code: Code,
    /// The provider's words.
    pub message: Option<FailureMessage>,
    /// Whether trying again can help.
    pub retryable: bool,
}

/// What a payment transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionKind {
    /// Reserves money.
    Authorization,
    /// Takes money.
    Capture,
    /// Lets reserved money go.
    Void,
    /// Gives money back.
    Refund,
    /// The payer's bank took money back.
    Chargeback,
}

/// How far a payment transaction got: PENDING -> UNKNOWN -> SUCCEEDED or FAILED, where UNKNOWN may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionState {
    /// The provider is at it.
    Pending,
    /// It happened.
    Succeeded,
    /// It did not happen.
    Failed,
    /// Nobody can say yet.
    Unknown,
}

impl TransactionState {
    /// Whether a report of `next` carries a transaction in this state further.
    pub(crate) fn leads_to(self, next: Self) -> bool {
        match self {
            Self::Pending => next != Self::Pending,
            Self::Unknown => matches!(next, Self::Succeeded | Self::Failed),
            Self::Succeeded | Self::Failed => false,
        }
    }
}

/// What was paid of an order's total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// There is nothing to pay.
    NotRequired,
    /// Nothing is authorized or captured.
    Unpaid,
    /// Less than the total is authorized.
    PartiallyAuthorized,
    /// The total is authorized, nothing is captured.
    Authorized,
    /// Less than the total is captured.
    PartiallyPaid,
    /// The total is captured.
    Paid,
    /// More than the total is captured.
    Overpaid,
    /// The total is captured, and something was given back.
    PartiallyRefunded,
    /// All that was captured was given back.
    Refunded,
}

/// What succeeded on payments, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Succeeded {
    /// Authorized and neither voided nor captured.
    pub(crate) open_authorizations: i64,
    pub(crate) authorized: i64,
    pub(crate) captured: i64,
    /// Refunded or charged back.
    pub(crate) refunded: i64,
}

impl Payment {
    pub(crate) fn succeeded(&self) -> Succeeded {
        let sum = |kinds: &[TransactionKind]| -> i64 {
            let counted =
                |t: &&PaymentTransaction| t.state == TransactionState::Succeeded && kinds.contains(&t.kind);
            self.transactions.iter().filter(counted).map(|t| t.amount.minor_units()).sum()
        };
        let (authorized, captured) =
            (sum(&[TransactionKind::Authorization]), sum(&[TransactionKind::Capture]));
        Succeeded {
            open_authorizations: (authorized - sum(&[TransactionKind::Void]) - captured).max(0),
            authorized,
            captured,
            refunded: sum(&[TransactionKind::Refund, TransactionKind::Chargeback]),
        }
    }
}

impl Succeeded {
    pub(crate) fn of(payments: &[Payment]) -> Self {
        payments.iter().map(Payment::succeeded).fold(Self::default(), |a, b| Self {
            open_authorizations: a.open_authorizations + b.open_authorizations,
            authorized: a.authorized + b.authorized,
            captured: a.captured + b.captured,
            refunded: a.refunded + b.refunded,
        })
    }

    /// The payment state of an order with this total; the first line that holds.
    pub(crate) fn state(self, total: i64) -> PaymentState {
        let net = self.captured - self.refunded;
        match self {
            _ if total == 0 && self.captured == 0 => PaymentState::NotRequired,
            _ if self.captured > 0 && self.refunded == self.captured => PaymentState::Refunded,
            _ if net > total => PaymentState::Overpaid,
            _ if net == total && self.refunded > 0 => PaymentState::PartiallyRefunded,
            _ if net == total => PaymentState::Paid,
            _ if 0 < net => PaymentState::PartiallyPaid,
            _ if self.open_authorizations > 0 && self.open_authorizations >= total => {
                PaymentState::Authorized
            }
            _ if self.open_authorizations > 0 => PaymentState::PartiallyAuthorized,
            _ => PaymentState::Unpaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PaymentState::*, *};

    #[test]
    fn payment_state_is_the_first_line_that_holds() {
        let state = |total, open_authorizations, captured, refunded| {
            Succeeded { open_authorizations, authorized: 0, captured, refunded }.state(total)
        };
        assert_eq!(state(0, 0, 0, 0), NotRequired);
        assert_eq!(state(0, 0, 10, 10), Refunded);
        assert_eq!(state(100, 0, 100, 100), Refunded);
        assert_eq!(state(0, 0, 10, 0), Overpaid);
        assert_eq!(state(100, 0, 110, 0), Overpaid);
        assert_eq!(state(100, 0, 110, 10), PartiallyRefunded);
        assert_eq!(state(100, 0, 100, 0), Paid);
        assert_eq!(state(100, 0, 99, 0), PartiallyPaid);
        assert_eq!(state(100, 100, 0, 0), Authorized);
        assert_eq!(state(100, 99, 0, 0), PartiallyAuthorized);
        assert_eq!(state(100, 0, 0, 0), Unpaid);
        assert_eq!(state(100, 0, 10, 20), Unpaid, "more charged back than captured");
        assert_eq!(state(0, 0, 10, 20), Unpaid, "more charged back than captured, and nothing authorized");
    }
}
