//! RecordPaymentTransaction: what happened at a provider or at the till is recorded, whatever we think of it.

use super::{
    CommandKind, Event, MAX_PAYMENTS, MAX_TRANSACTIONS, Order, Payment, PaymentFailure, PaymentTransaction,
    Rejected, TransactionKind, TransactionState, Violation, violation::Violations,
};
use crate::{
    MethodLabel, Money, PaymentId, Provider, ProviderReference, TimeExt as _, Timestamp, TransactionId,
};

/// Which payment a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentSelector {
    /// One that the order has.
    Existing(PaymentId),
    /// The one that the provider knows by this reference, which is added if the order does not have it.
    AtProvider {
        /// Who moves the money.
        provider: Provider,
        /// The payment's id there.
        reference: ProviderReference,
        /// What to show people.
        method_label: Option<MethodLabel>,
        /// What it is meant to cover.
        planned_amount: Option<Money>,
    },
}

/// What a provider or a till reports of one movement of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReport {
    /// The payment.
    pub payment: PaymentSelector,
    /// What was done.
    pub kind: TransactionKind,
    /// How far it got.
    pub state: TransactionState,
    /// How much, above zero.
    pub amount: Money,
    /// The transaction's id at the provider.
    pub provider_reference: ProviderReference,
    /// Why it failed.
    pub failure: Option<PaymentFailure>,
    /// When it happened; now if absent.
    pub occur_time: Option<Timestamp>,
}

impl Order {
    /// Records a report, in any state of the order. One seen before (provider, provider reference, kind) changes nothing,
    /// unless it carries the transaction further.
    ///
    /// # Errors
    /// [`Violation::CurrencyMismatch`], [`Violation::MoneyOutOfRange`], [`Violation::PaymentNotFound`],
    /// [`Violation::TooManyPayments`].
    pub fn record_payment(&mut self, report: PaymentReport, now: Timestamp) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::RecordPaymentTransaction));
        violations.note(self.snapshot.check_currency(report.amount));
        let nothing = Violation::MoneyOutOfRange { what: "the amount of a transaction", rule: "above zero" };
        violations.add_if(report.amount.minor_units() <= 0, nothing);
        let (payment, is_new) = match violations.note(self.select_payment(&report.payment)) {
            Some(selected) => selected,
            None => return violations.none(),
        };
        let seen = self.seen(&payment.provider, &report);
        let full = payment.transactions.len() >= MAX_TRANSACTIONS
            || (is_new && self.snapshot.payments.len() >= MAX_PAYMENTS);
        violations.add_if(full && seen.is_none(), Violation::TooManyPayments);
        violations.none()?;

        match seen {
            Some((_, seen)) if !seen.state.leads_to(report.state) => {}
            Some((payment, seen)) => {
                let exceeds_expected = exceeds_expected(payment, &report, Some(seen.id));
                let PaymentReport { state, amount, failure, occur_time, .. } = report;
                let (payment_id, transaction_id) = (payment.id, seen.id);
                let updated = Event::TransactionUpdated {
                    payment_id,
                    transaction_id,
                    state,
                    amount,
                    failure,
                    occur_time: occur_time.map_or(seen.occur_time, |time| time.micros()),
                    exceeds_expected,
                };
                self.record(updated, now);
            }
            None => {
                let exceeds_expected = exceeds_expected(&payment, &report, None);
                let payment_id = payment.id;
                if is_new {
                    self.record(Event::PaymentAdded(payment), now);
                }
                let transaction = self.new_transaction(report, exceeds_expected, now);
                self.record(Event::TransactionRecorded { payment_id, transaction }, now);
            }
        }
        Ok(())
    }

    /// The payment that a report is about, and whether the order does not have it yet.
    fn select_payment(&self, selector: &PaymentSelector) -> Result<(Payment, bool), Violation> {
        let payments = &self.snapshot.payments;
        match selector {
            PaymentSelector::Existing(id) => {
                let payment = payments.iter().find(|payment| payment.id == *id);
                Ok((payment.ok_or(Violation::PaymentNotFound(*id))?.clone(), false))
            }
            PaymentSelector::AtProvider { provider, reference, method_label, planned_amount } => {
                let known =
                    payments.iter().find(|p| p.provider == *provider && p.provider_reference == *reference);
                if let Some(payment) = known {
                    return Ok((payment.clone(), false));
                }
                planned_amount.map_or(Ok(()), |planned| self.check_planned(planned))?;
                let payment = Payment {
                    id: PaymentId(u32::try_from(payments.len()).expect("at most 50") + 1),
                    provider: provider.clone(),
                    provider_reference: reference.clone(),
                    method_label: method_label.clone(),
                    planned_amount: *planned_amount,
                    transactions: vec![],
                };
                Ok((payment, true))
            }
        }
    }

    fn check_planned(&self, planned: Money) -> Result<(), Violation> {
        self.snapshot.check_currency(planned)?;
        if planned.is_negative() {
            return Err(Violation::MoneyOutOfRange { what: "the planned amount", rule: "not negative" });
        }
        Ok(())
    }

    /// The transaction that a report was seen as before, and its payment, which may be any of the provider's.
    fn seen(&self, provider: &Provider, report: &PaymentReport) -> Option<(&Payment, &PaymentTransaction)> {
        let mut payments = self.snapshot.payments.iter().filter(|payment| payment.provider == *provider);
        payments.find_map(|payment| {
            let same = |t: &&PaymentTransaction| {
                t.provider_reference == report.provider_reference && t.kind == report.kind
            };
            payment.transactions.iter().find(same).map(|transaction| (payment, transaction))
        })
    }

    fn new_transaction(
        &self,
        report: PaymentReport,
        exceeds_expected: bool,
        now: Timestamp,
    ) -> PaymentTransaction {
        let time = self.commit_time(now);
        let before: usize = self.snapshot.payments.iter().map(|payment| payment.transactions.len()).sum();
        PaymentTransaction {
            id: TransactionId(u32::try_from(before).expect("at most 5,000") + 1),
            kind: report.kind,
            state: report.state,
            amount: report.amount,
            provider_reference: report.provider_reference,
            failure: report.failure,
            occur_time: report.occur_time.map_or(time, |occurred| occurred.micros()),
            create_time: time,
            update_time: time,
            exceeds_expected,
        }
    }
}

/// Whether, with this report, more is captured than was authorized (on a payment with any authorization), or more is given
/// back than was captured. `counted` is the transaction that the report updates.
fn exceeds_expected(payment: &Payment, report: &PaymentReport, counted: Option<TransactionId>) -> bool {
    if report.state == TransactionState::Failed {
        return false;
    }
    let mut before = payment.clone();
    before.transactions.retain(|transaction| Some(transaction.id) != counted);
    let (before, amount) = (before.succeeded(), report.amount.minor_units());
    match report.kind {
        TransactionKind::Capture => before.authorized > 0 && before.captured + amount > before.authorized,
        TransactionKind::Refund | TransactionKind::Chargeback => before.refunded + amount > before.captured,
        TransactionKind::Authorization | TransactionKind::Void => false,
    }
}
