//! CancelOrder.

use shared_domain::{CancelNote, CancelReason, LineUnits, OrderId};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Cancels an order, or open units of it.
#[derive(Debug, Clone)]
pub struct CancelOrder {
    /// Which order.
    pub order: OrderId,
    /// Why.
    pub reason: CancelReason,
    /// Why, for people.
    pub note: Option<CancelNote>,
    /// Which units; the whole order if there are none.
    pub lines: Vec<LineUnits>,
    /// Whether pending shipments are cancelled with the whole order.
    pub cancel_pending_shipments: bool,
}

impl UseCase for CancelOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        if self.lines.is_empty() {
            order.cancel(self.reason, self.note.clone(), self.cancel_pending_shipments, work.now())?;
        } else {
            order.cancel_lines(self.lines.clone(), self.reason, self.note.clone(), work.now())?;
        }
        work.save(order);
        work.commit().await
    }
}
