//! Value objects: they are valid once they exist, and they know nothing of orders.

mod caller;
mod ids;
mod labels;
mod money;
mod party;
mod quantity;
mod text;
mod time;

pub use caller::{Actor, ActorKind, Caller};
pub use ids::{
    AdjustmentId, ExternalReference, LineId, OrderId, OrderNumber, PaymentId, ShipmentId, TenantId,
    TransactionId,
};
pub use iso_currency::Currency;
pub use labels::{Metadata, Tags};
pub use money::{Money, MoneyError, parse_currency};
pub use party::{Address, Contact, CountryCode, Email, Phone};
pub use quantity::{LineUnits, Quantity};
pub use text::{
    AddressText, CancelNote, Carrier, Channel, Code, CustomerId, ExternalId, FailureMessage, MethodLabel,
    NoteText, PersonName, PostalCode, Provider, ProviderReference, PurchaseOrderNumber, Reason, ShortText,
    Sku, Title, TrackingNumber,
};

pub(crate) use time::TimeExt;
pub use time::Timestamp;

/// A value that breaks the rule of its type. The message says the rule, so that whoever sent the value can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(pub String);
