//! RecordPaymentTransaction.

use shared_domain::{OrderId, PaymentReport};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Records what happened to money.
#[derive(Debug, Clone)]
pub struct RecordPaymentTransaction {
    /// Which order.
    pub order: OrderId,
    /// What the provider or the till reports.
    pub report: PaymentReport,
}

impl UseCase for RecordPaymentTransaction {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.record_payment(self.report.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
