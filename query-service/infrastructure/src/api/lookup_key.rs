//! The keys of LookupOrder.

use orders_proto::orders::v1::lookup_order_request::Key;
use query_application::LookupKey;
use shared_domain::{Code, ExternalId, ExternalReference, Provider, ProviderReference, TrackingNumber};
use shared_infrastructure::errors::ErrorReason;

use super::{filter::order_number, violations::Violations};

/// The typed key, unless something is wrong with it.
pub(super) fn decode(key: Option<Key>, violations: &mut Violations) -> Option<LookupKey> {
    match key {
        Some(Key::OrderNumber(number)) => {
            violations.field("order_number", order_number(&number)).map(LookupKey::OrderNumber)
        }
        Some(Key::ExternalReference(reference)) => {
            let source = violations.field("external_reference.source", Code::new(reference.source));
            let id = violations.field("external_reference.id", ExternalId::new(reference.id));
            Some(LookupKey::ExternalReference(ExternalReference { source: source?, id: id? }))
        }
        Some(Key::ProviderReference(given)) => {
            let provider = violations.field("provider_reference.provider", Provider::new(given.provider));
            let reference =
                violations.field("provider_reference.reference", ProviderReference::new(given.reference));
            Some(LookupKey::ProviderReference(provider?, reference?))
        }
        Some(Key::TrackingNumber(number)) => {
            violations.field("tracking_number", TrackingNumber::new(number)).map(LookupKey::TrackingNumber)
        }
        None => {
            let problem =
                "one of order_number, external_reference, provider_reference and tracking_number must be set";
            violations.add("key", ErrorReason::InvalidField, problem);
            None
        }
    }
}
