//! Identities: of tenants, of orders, and of the parts of an order.

use std::fmt;

use uuid::Uuid;

use super::{Code, ExternalId, InvalidValue};

/// A tenant: 1 to 63 lower-case letters, digits and hyphens, not starting with a hyphen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

impl TenantId {
    /// Checks the form.
    ///
    /// # Errors
    /// [`InvalidValue`] naming the rule.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidValue> {
        let id = id.into();
        let valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=63).contains(&id.len()) && id.bytes().all(valid) && !id.starts_with('-') {
            return Ok(Self(id));
        }
        Err(InvalidValue(
            "must be 1 to 63 lower-case letters, digits and hyphens, and not start with a hyphen".into(),
        ))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An order: a UUID of version 7, so that ids made later sort later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(Uuid);

impl OrderId {
    /// Takes over an id that somebody chose.
    ///
    /// # Errors
    /// [`InvalidValue`] if it is not of version 7.
    pub fn chosen(id: Uuid) -> Result<Self, InvalidValue> {
        if id.get_version_num() == 7 {
            return Ok(Self(id));
        }
        Err(InvalidValue("must be a UUID of version 7".into()))
    }

    /// Refers to an order that may or may not exist, by any UUID.
    #[must_use]
    pub fn referring(id: Uuid) -> Self {
        Self(id)
    }

    /// The UUID.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An order's number for people: unique in its tenant, never changed, with gaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNumber(String);

impl OrderNumber {
    /// The number for a value of the sequence of order numbers.
    #[must_use]
    pub fn from_sequence(value: u64) -> Self {
        Self(format!("ORD-{value:08}"))
    }

    /// A number as it was stored.
    #[must_use]
    pub fn stored(number: String) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An order's id in another system, unique per tenant and source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalReference {
    /// The other system.
    pub source: Code,
    /// The id there.
    pub id: ExternalId,
}

macro_rules! numbered {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

numbered! {
    /// Number of a line in its order, from 1, never used again.
    LineId;
    /// Number of an adjustment in its order, from 1, never used again.
    AdjustmentId;
    /// Number of a payment in its order, from 1, never used again.
    PaymentId;
    /// Number of a payment transaction in its order, from 1, never used again.
    TransactionId;
    /// Number of a shipment in its order, from 1, never used again.
    ShipmentId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_have_a_form() {
        for good in ["a", "acme", "acme-2", "0", &"a".repeat(63)] {
            assert!(TenantId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Acme", "a.b", "a b", "ä", &"a".repeat(64)] {
            assert!(TenantId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_version_7_can_be_chosen() {
        assert!(OrderId::chosen(Uuid::now_v7()).is_ok());
        assert!(OrderId::chosen(Uuid::nil()).is_err());
    }
}
