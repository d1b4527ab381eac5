//! AddOrderNote.

use shared_domain::{NoteText, NoteVisibility, OrderId};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Writes a note into the history of an order.
#[derive(Debug, Clone)]
pub struct AddOrderNote {
    /// Which order.
    pub order: OrderId,
    /// The note.
    pub text: NoteText,
    /// Who may see it.
    pub visibility: NoteVisibility,
}

impl UseCase for AddOrderNote {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.add_note(self.text.clone(), self.visibility, work.now())?;
        work.save(order);
        work.commit().await
    }
}
