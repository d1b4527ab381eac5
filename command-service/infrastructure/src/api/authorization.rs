//! What takes a scope besides the one that its rpc declares.

use orders_proto::orders::v1::{PaymentTransactionKind, RecordPaymentTransactionRequest};
use shared_infrastructure::auth;
use tonic::{Request, Status};

/// Lets callers say that money went back to its payer.
const REFUNDS: &str = "orders.refunds";

/// Refuses a report of a refund to those who may only report payments.
pub(super) fn report(request: &Request<RecordPaymentTransactionRequest>) -> Result<(), Status> {
    let transaction = request.get_ref().transaction.as_ref();
    if transaction.is_some_and(|transaction| transaction.kind() == PaymentTransactionKind::Refund) {
        auth::require(&auth::caller(request)?, REFUNDS)?;
    }
    Ok(())
}
