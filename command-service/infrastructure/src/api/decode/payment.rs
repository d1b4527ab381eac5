//! RecordPaymentTransaction.

use command_application::RecordPaymentTransaction;
use orders_proto::orders::v1 as proto;
use shared_domain::{
    Code, FailureMessage, MethodLabel, PaymentFailure, PaymentId, PaymentReport, PaymentSelector, Provider,
    ProviderReference, TransactionState,
};
use shared_infrastructure::wire::enums;

use super::value::{enumeration, optional_amount, order_name, positive_amount, time};
use crate::api::fields::{Checked, Fields, Path};

pub(crate) fn record_payment_transaction(
    fields: &mut Fields,
    mut request: proto::RecordPaymentTransactionRequest,
) -> Checked<RecordPaymentTransaction> {
    let order = order_name(fields, Path::Root.field("name"), &request.name);
    let transaction = request.transaction.take();
    let payment = payment(fields, request);
    let at = Path::Root.field("transaction");
    let transaction = fields.required(at, transaction)?;
    let kind = enumeration(fields, at.field("kind"), transaction.kind, enums::transaction_kind::from_number);
    let state =
        enumeration(fields, at.field("state"), transaction.state, enums::transaction_state::from_number);
    let amount = positive_amount(fields, at.field("amount"), transaction.amount);
    let reference_at = at.field("provider_reference");
    let provider_reference =
        fields.value(reference_at, ProviderReference::new(transaction.provider_reference));
    let failure = failure(fields, at.field("failure"), transaction.failure, state);
    let occur_time = time(fields, at.field("occur_time"), transaction.occur_time);
    let report = PaymentReport {
        payment: payment?,
        kind: kind?,
        state: state?,
        amount: amount?,
        provider_reference: provider_reference?,
        failure: failure?,
        occur_time: occur_time?,
    };
    Ok(RecordPaymentTransaction { order: order?, report })
}

fn payment(fields: &mut Fields, request: proto::RecordPaymentTransactionRequest) -> Checked<PaymentSelector> {
    if request.payment_id > 0 {
        let described = [
            ("provider", !request.provider.is_empty()),
            ("provider_reference", !request.provider_reference.is_empty()),
            ("method_label", !request.method_label.is_empty()),
            ("planned_amount", request.planned_amount.is_some()),
        ];
        for (name, _) in described.into_iter().filter(|(_, given)| *given) {
            let _: Checked<()> =
                fields.invalid(Path::Root.field(name), "must not be given together with payment_id");
        }
        return Ok(PaymentSelector::Existing(PaymentId(request.payment_id)));
    }
    let provider = fields.value(Path::Root.field("provider"), Provider::new(request.provider));
    let at = Path::Root.field("provider_reference");
    let reference = fields.value(at, ProviderReference::new(request.provider_reference));
    let method_label =
        fields.optional(Path::Root.field("method_label"), request.method_label, MethodLabel::new);
    let planned_amount = optional_amount(fields, Path::Root.field("planned_amount"), request.planned_amount);
    Ok(PaymentSelector::AtProvider {
        provider: provider?,
        reference: reference?,
        method_label: method_label?,
        planned_amount: planned_amount?,
    })
}

/// A failure is needed in the state FAILED, and makes no sense in any other.
fn failure(
    fields: &mut Fields,
    at: Path<'_>,
    failure: Option<proto::PaymentFailure>,
    state: Checked<TransactionState>,
) -> Checked<Option<PaymentFailure>> {
    let Some(failure) = failure else {
        return if matches!(state, Ok(TransactionState::Failed)) {
            fields.invalid(at, "is required in the state FAILED")
        } else {
            Ok(None)
        };
    };
    if state.is_ok_and(|state| state != TransactionState::Failed) {
        return fields.invalid(at, "belongs to the state FAILED only");
    }
    let code = fields.value(at.field("code"), Code::new(failure.code));
    let message = fields.optional(at.field("message"), failure.message, FailureMessage::new);
    Ok(Some(PaymentFailure { code: code?, message: message?, retryable: failure.retryable }))
}
