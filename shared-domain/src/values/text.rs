//! Bounded texts, each a type of its own so that none is taken for another.

use super::InvalidValue;

/// Which characters a text may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    /// No white space and no control characters.
    Visible,
    /// No control characters.
    Line,
    /// No control characters but line feed and tab.
    Paragraph,
}

impl Alphabet {
    fn allows(self, c: char) -> bool {
        match self {
            Self::Visible => !c.is_control() && !c.is_whitespace(),
            Self::Line => !c.is_control(),
            Self::Paragraph => !c.is_control() || matches!(c, '\n' | '\t'),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Visible => "visible characters",
            Self::Line => "characters without control characters",
            Self::Paragraph => "characters without control characters but line feed and tab",
        }
    }
}

fn check(text: &str, max: usize, alphabet: Alphabet) -> Result<(), InvalidValue> {
    let length = text.chars().count();
    if (1..=max).contains(&length) && text.chars().all(|c| alphabet.allows(c)) {
        return Ok(());
    }
    Err(InvalidValue(format!("must be 1 to {max} {}", alphabet.name())))
}

macro_rules! text {
    ($($(#[$doc:meta])* $name:ident: $alphabet:ident, $max:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks the length and the characters.
            ///
            /// # Errors
            /// [`InvalidValue`] naming the rule.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = text.into();
                check(&text, $max, Alphabet::$alphabet)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

text! {
    /// Stock keeping unit: 1 to 64 visible characters.
    Sku: Visible, 64;
    /// Where an order came from: 1 to 64 visible characters.
    Channel: Visible, 64;
    /// A customer's id in the caller's system: 1 to 128 visible characters.
    CustomerId: Visible, 128;
    /// An id in another system: 1 to 128 visible characters.
    ExternalId: Visible, 128;
    /// The buyer's own purchase order number: 1 to 64 visible characters.
    PurchaseOrderNumber: Visible, 64;
    /// A short code, such as a promotion's, a shipping method's or a metadata key: 1 to 64 visible characters.
    Code: Visible, 64;
    /// A payment provider's name: 1 to 64 visible characters.
    Provider: Visible, 64;
    /// An id at a payment provider: 1 to 128 visible characters.
    ProviderReference: Visible, 128;
    /// A carrier's name: 1 to 64 characters.
    Carrier: Line, 64;
    /// A carrier's number to follow a shipment by: 1 to 64 visible characters.
    TrackingNumber: Visible, 64;
    /// What something is called: 1 to 256 characters.
    Title: Line, 256;
    /// Why something is done, for people: 1 to 256 characters.
    Reason: Line, 256;
    /// Why something was cancelled or failed, in somebody's words: 1 to 512 characters.
    CancelNote: Paragraph, 512;
    /// A note in the history of an order: 1 to 2,000 characters.
    NoteText: Paragraph, 2000;
    /// A means of payment, as shown to people: 1 to 128 characters.
    MethodLabel: Line, 128;
    /// A provider's words about a failure: 1 to 512 characters.
    FailureMessage: Paragraph, 512;
    /// The value of a metadata pair: 1 to 512 characters.
    ShortText: Paragraph, 512;
    /// The name of a person or an organization: 1 to 200 characters.
    PersonName: Line, 200;
    /// A part of an address: 1 to 200 characters.
    AddressText: Line, 200;
    /// A postal code: 1 to 20 characters.
    PostalCode: Line, 20;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_characters_are_checked() {
        assert!(Sku::new("A".repeat(64)).is_ok());
        assert!(Sku::new("ä".repeat(64)).is_ok(), "characters count, not bytes");
        for bad in ["", "a b", "a\u{0}", "a\n", &"A".repeat(65)] {
            assert_eq!(
                Sku::new(bad),
                Err(InvalidValue("must be 1 to 64 visible characters".into())),
                "{bad:?}"
            );
        }
        assert!(NoteText::new("two\nlines").is_ok());
        assert!(NoteText::new("nul\u{0}").is_err());
    }
}
