//! UpdateOrder: what can change in any state, and touches neither state nor money.

use super::{CommandKind, Event, Order, Rejected, Violation, violation::Violations};
use crate::{Address, Contact, Metadata, PurchaseOrderNumber, Tags, Timestamp};

/// What can change in any state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Whom to reach.
    pub contact: Option<Contact>,
    /// Where the bill goes.
    pub billing_address: Option<Address>,
    /// The caller's tags.
    pub tags: Tags,
    /// The caller's pairs.
    pub metadata: Metadata,
    /// The buyer's own number.
    pub purchase_order_number: Option<PurchaseOrderNumber>,
}

/// New values for some of the [`Details`]; `None` leaves one as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailsPatch {
    /// Whom to reach, or nobody.
    pub contact: Option<Option<Contact>>,
    /// Where the bill goes, or nowhere.
    pub billing_address: Option<Option<Address>>,
    /// The caller's tags.
    pub tags: Option<Tags>,
    /// The caller's pairs.
    pub metadata: Option<Metadata>,
    /// The buyer's own number, or none.
    pub purchase_order_number: Option<Option<PurchaseOrderNumber>>,
}

impl DetailsPatch {
    fn applied_to(self, details: &Details) -> Details {
        Details {
            contact: self.contact.unwrap_or_else(|| details.contact.clone()),
            billing_address: self.billing_address.unwrap_or_else(|| details.billing_address.clone()),
            tags: self.tags.unwrap_or_else(|| details.tags.clone()),
            metadata: self.metadata.unwrap_or_else(|| details.metadata.clone()),
            purchase_order_number: self
                .purchase_order_number
                .unwrap_or_else(|| details.purchase_order_number.clone()),
        }
    }
}

impl Order {
    /// Changes some of the details. It is recorded even if they are so already: the answer to a repeated request is found by
    /// the version that the first one made.
    ///
    /// # Errors
    /// [`Violation::ContactRequired`] if a placed order would lose its contact.
    pub fn update(&mut self, patch: DetailsPatch, now: Timestamp) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::UpdateOrder));
        let details = patch.applied_to(&self.snapshot.details);
        violations.add_if(self.snapshot.is_placed() && details.contact.is_none(), Violation::ContactRequired);
        violations.none()?;

        self.record(Event::Updated(Box::new(details)), now);
        Ok(())
    }
}
