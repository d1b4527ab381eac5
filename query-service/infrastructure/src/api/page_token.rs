//! Page tokens: a position, bound to the query that it is a position in. They carry no authority: what a caller may see
//! is decided by the query, not by the token.

use prost::Message;
use query_application::{Cursor, SearchPosition, SortField, SortKey};
use sha2::{Digest, Sha256};
use shared_domain::{OrderId, Timestamp};
use shared_infrastructure::{errors::ErrorReason, tokens, wire::is_in_range};
use uuid::Uuid;

use super::filter::order_number;

/// The kind that page tokens are sealed as.
const KIND: u8 = 1;

/// Stands for a query: equal queries have equal bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding(Vec<u8>);

impl Binding {
    /// What stands for the query.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The binding of the query that these parts tell from any other.
    pub(super) fn new(parts: &[&str]) -> Self {
        const LENGTH: usize = 16;
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize()[..LENGTH].to_vec())
    }
}

/// What a token says. The fields that a position needs depend on the query.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PageToken {
    #[prost(bytes = "vec", tag = "1")]
    binding: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    order: Vec<u8>,
    #[prost(sint64, optional, tag = "3")]
    number: Option<i64>,
    #[prost(string, optional, tag = "4")]
    text: Option<String>,
    #[prost(float, optional, tag = "5")]
    rank: Option<f32>,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PageTokenError {
    #[error("must be a next_page_token of this service, as it was received")]
    Invalid,
    #[error("belongs to another query: only page_size and view may change from page to page")]
    Mismatch,
}

impl PageTokenError {
    pub(super) fn reason(self) -> ErrorReason {
        match self {
            Self::Invalid => ErrorReason::InvalidPageToken,
            Self::Mismatch => ErrorReason::PageTokenMismatch,
        }
    }
}

impl PageToken {
    /// What a caller handed back; nothing, on the first page.
    pub(super) fn open(token: &str) -> Result<Option<Self>, PageTokenError> {
        if token.is_empty() {
            return Ok(None);
        }
        let content = tokens::open(KIND, token).ok_or(PageTokenError::Invalid)?;
        Self::decode(content.as_slice()).map(Some).map_err(|_| PageTokenError::Invalid)
    }

    /// The token for the page after an order.
    pub(super) fn after_order(binding: Binding, cursor: &Cursor) -> String {
        let (number, text) = match &cursor.key {
            SortKey::CreateTime(time) | SortKey::UpdateTime(time) => (Some(time.timestamp_micros()), None),
            SortKey::PlaceTime(time) => (time.map(|time| time.timestamp_micros()), None),
            SortKey::Total(minor_units) => (Some(*minor_units), None),
            SortKey::OrderNumber(number) => (None, number.as_ref().map(|number| number.as_str().to_owned())),
        };
        Self { binding: binding.0, order: cursor.order.uuid().into(), number, text, rank: None }.seal()
    }

    /// The position in the orders sorted by `field`.
    pub(super) fn order(self, binding: &Binding, field: SortField) -> Result<Cursor, PageTokenError> {
        self.check(binding)?;
        let invalid = PageTokenError::Invalid;
        let time = |micros| Timestamp::from_timestamp_micros(micros).filter(is_in_range).ok_or(invalid);
        let number = |text: String| order_number(&text).map_err(|_| invalid);
        let key = match (field, self.number, self.text) {
            (SortField::CreateTime, Some(micros), None) => SortKey::CreateTime(time(micros)?),
            (SortField::UpdateTime, Some(micros), None) => SortKey::UpdateTime(time(micros)?),
            (SortField::PlaceTime, micros, None) => SortKey::PlaceTime(micros.map(time).transpose()?),
            (SortField::Total, Some(minor_units), None) => SortKey::Total(minor_units),
            (SortField::OrderNumber, None, text) => SortKey::OrderNumber(text.map(number).transpose()?),
            _ => return Err(invalid),
        };
        let order = Uuid::from_slice(&self.order).map_err(|_| invalid)?;
        Ok(Cursor { key, order: OrderId::referring(order) })
    }

    /// The token for the page after a version.
    pub(super) fn after_version(binding: Binding, version: i64) -> String {
        Self { binding: binding.0, number: Some(version), ..Self::default() }.seal()
    }

    /// The position in the versions of an order.
    pub(super) fn version(self, binding: &Binding) -> Result<i64, PageTokenError> {
        self.check(binding)?;
        self.number.filter(|version| (1..i64::MAX).contains(version)).ok_or(PageTokenError::Invalid)
    }

    /// The token for the page after a match.
    pub(super) fn after_match(binding: Binding, position: SearchPosition) -> String {
        Self {
            binding: binding.0,
            order: position.order.uuid().into(),
            number: Some(position.create_time.timestamp_micros()),
            text: None,
            rank: Some(position.rank),
        }
        .seal()
    }

    /// The position in what was found.
    pub(super) fn found(self, binding: &Binding) -> Result<SearchPosition, PageTokenError> {
        self.check(binding)?;
        let invalid = PageTokenError::Invalid;
        let create_time = self.number.and_then(Timestamp::from_timestamp_micros).filter(is_in_range);
        Ok(SearchPosition {
            rank: self.rank.filter(|rank| rank.is_finite()).ok_or(invalid)?,
            create_time: create_time.ok_or(invalid)?,
            order: OrderId::referring(Uuid::from_slice(&self.order).map_err(|_| invalid)?),
        })
    }

    fn seal(&self) -> String {
        tokens::seal(KIND, &self.encode_to_vec())
    }

    fn check(&self, binding: &Binding) -> Result<(), PageTokenError> {
        match self.binding == binding.0 {
            true => Ok(()),
            false => Err(PageTokenError::Mismatch),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_domain::OrderNumber;

    use super::*;

    fn binding() -> Binding {
        Binding::new(&["ListOrders", "default", ""])
    }

    fn opened(token: &str) -> PageToken {
        PageToken::open(token).unwrap().unwrap()
    }

    #[test]
    fn positions_survive_the_round_trip() {
        let time = "2026-01-31T12:00:00.123456Z".parse().unwrap();
        for key in [
            SortKey::CreateTime(time),
            SortKey::UpdateTime(time),
            SortKey::PlaceTime(Some(time)),
            SortKey::PlaceTime(None),
            SortKey::Total(0),
            SortKey::Total(i64::MAX),
            SortKey::OrderNumber(Some(OrderNumber::from_sequence(7))),
            SortKey::OrderNumber(None),
        ] {
            let cursor = Cursor { key, order: OrderId::referring(Uuid::from_u128(42)) };
            let token = PageToken::after_order(binding(), &cursor);
            assert_eq!(opened(&token).order(&binding(), cursor.key.field()), Ok(cursor));
        }
        let order = OrderId::referring(Uuid::from_u128(42));
        let position = SearchPosition { rank: 0.303_964, create_time: time, order };
        assert_eq!(opened(&PageToken::after_match(binding(), position)).found(&binding()), Ok(position));
        assert_eq!(opened(&PageToken::after_version(binding(), 3)).version(&binding()), Ok(3));
        assert_eq!(PageToken::open(""), Ok(None));
    }

    #[test]
    fn a_token_is_good_for_its_own_query_only() {
        let token = PageToken::after_version(binding(), 3);
        for other in [
            &["ListOrders", "default", "x"][..],
            &["ListOrders", "other", ""],
            &["ListOrdersdefault", "", ""],
        ] {
            assert_eq!(
                opened(&token).version(&Binding::new(other)),
                Err(PageTokenError::Mismatch),
                "{other:?}"
            );
        }
    }

    #[test]
    fn a_forged_position_is_no_position() {
        let forged = |number, text: Option<&str>, order: &[u8]| PageToken {
            binding: binding().0,
            order: order.to_vec(),
            number,
            text: text.map(str::to_owned),
            rank: None,
        };
        for (field, token) in [
            (SortField::Total, forged(None, None, &[0; 16])),
            (SortField::Total, forged(Some(1), None, &[0; 15])),
            (SortField::CreateTime, forged(Some(i64::MAX), None, &[0; 16])),
            // Years -7537 and 11476: chrono knows them, PostgreSQL not the first one.
            (SortField::CreateTime, forged(Some(-300_000_000_000_000_000), None, &[0; 16])),
            (SortField::PlaceTime, forged(Some(300_000_000_000_000_000), None, &[0; 16])),
            (SortField::CreateTime, forged(Some(1), Some("x"), &[0; 16])),
            (SortField::OrderNumber, forged(None, Some("\0"), &[0; 16])),
        ] {
            assert_eq!(token.clone().order(&binding(), field), Err(PageTokenError::Invalid), "{token:?}");
        }
        for version in [None, Some(0), Some(-1), Some(i64::MAX)] {
            assert_eq!(forged(version, None, &[]).version(&binding()), Err(PageTokenError::Invalid));
        }
        let ranked = |rank, number, order| PageToken { rank, ..forged(number, None, order) };
        for token in [
            ranked(None, Some(1), &[0; 16]),
            ranked(Some(f32::NAN), Some(1), &[0; 16]),
            ranked(Some(f32::INFINITY), Some(1), &[0; 16]),
            ranked(Some(0.5), None, &[0; 16]),
            ranked(Some(0.5), Some(i64::MIN), &[0; 16]),
            ranked(Some(0.5), Some(1), &[0; 15]),
        ] {
            assert_eq!(token.clone().found(&binding()), Err(PageTokenError::Invalid), "{token:?}");
        }
    }

    proptest! {
        #[test]
        fn no_token_makes_it_panic(garbage in any::<String>(), content in any::<Vec<u8>>(), number in any::<i64>()) {
            prop_assert_eq!(PageToken::open(&format!("!{garbage}")), Err(PageTokenError::Invalid));
            for token in [tokens::seal(KIND, &content), PageToken::after_version(binding(), number)] {
                for field in SortField::ALL {
                    if let Ok(Some(token)) = PageToken::open(&token) {
                        token.order(&binding(), field).ok();
                    }
                }
            }
        }
    }
}
