//! Consistency tokens: "at least as new as this transaction". Every write and every read answers with one, every read takes one.

use shared_domain::OrderId;
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use uuid::Uuid;

use super::{open, seal};
use crate::database::TransactionId;

/// The kind of a consistency token, so that it is not taken for another.
const KIND: u8 = b'C';

/// The metadata of an answer that holds its token.
const METADATA: &str = "order-consistency-token";

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsistencyToken {
    /// Once this transaction is visible, a database is new enough.
    pub transaction: TransactionId,
    /// The order and the version that the transaction left it in, if the token is about one order: whoever sees that version needs to
    /// know nothing more to read this order.
    pub commit: Option<(OrderId, i64)>,
}

impl ConsistencyToken {
    /// The token as text.
    #[must_use]
    pub fn sealed(self) -> String {
        let (order, version) =
            self.commit.map_or((Uuid::nil(), 0), |(order, version)| (order.uuid(), version));
        let mut content = [0; 32];
        content[..8].copy_from_slice(&self.transaction.0.to_be_bytes());
        content[8..24].copy_from_slice(order.as_bytes());
        content[24..].copy_from_slice(&version.to_be_bytes());
        seal(KIND, &content)
    }

    /// What the token says; `None` for anything that was not made here.
    #[must_use]
    pub fn opened(token: &str) -> Option<Self> {
        let content: [u8; 32] = open(KIND, token)?.try_into().ok()?;
        let (transaction, rest) = content.split_first_chunk()?;
        let (order, version) = rest.split_first_chunk()?;
        let transaction = TransactionId(u64::from_be_bytes(*transaction));
        let (order, version) = (Uuid::from_bytes(*order), i64::from_be_bytes(version.try_into().ok()?));
        let commit = match (order.is_nil(), version) {
            (true, 0) => None,
            (false, 1..) => Some((OrderId::referring(order), version)),
            _ => return None,
        };
        (transaction.0 > 0).then_some(Self { transaction, commit })
    }

    /// Adds the token to the metadata of an answer.
    pub fn add_to(self, metadata: &mut MetadataMap) {
        let value: MetadataValue<Ascii> =
            self.sealed().try_into().expect("a token has characters of base64 only");
        metadata.insert(METADATA, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> OrderId {
        OrderId::referring(Uuid::from_u128(7))
    }

    #[test]
    fn tokens_survive_the_round_trip() {
        for commit in [None, Some((order(), 1)), Some((order(), i64::MAX))] {
            for transaction in [1, 3, u64::MAX].map(TransactionId) {
                let token = ConsistencyToken { transaction, commit };
                assert_eq!(ConsistencyToken::opened(&token.sealed()), Some(token));
                let mut metadata = MetadataMap::new();
                token.add_to(&mut metadata);
                assert_eq!(metadata.get(METADATA).unwrap().to_str().unwrap(), token.sealed());
            }
        }
    }

    /// Tokens outlive the program that made them.
    #[test]
    fn a_token_says_in_all_versions_what_it_said_in_the_first() {
        let transaction = TransactionId(0x0102_0304);
        let token = ConsistencyToken { transaction, commit: Some((order(), 5)) };
        let mut content = vec![0, 0, 0, 0, 1, 2, 3, 4];
        content.extend([0; 15]);
        content.extend([7, 0, 0, 0, 0, 0, 0, 0, 5]);
        assert_eq!(token.sealed(), seal(b'C', &content));
    }

    #[test]
    fn what_was_not_made_here_says_nothing() {
        let content = |transaction: u64, order: u128, version: i64| {
            [&transaction.to_be_bytes()[..], &order.to_be_bytes(), &version.to_be_bytes()].concat()
        };
        let good = content(9, 7, 1);
        assert!(ConsistencyToken::opened(&seal(KIND, &good)).is_some());
        let long = [&good[..], &[0]].concat();
        for bad in [
            &content(0, 7, 1)[..],
            &content(0, 0, 0),
            &content(9, 0, 1),
            &content(9, 7, 0),
            &content(9, 7, -1),
            &content(9, 0, -1),
            &good[..31],
            &long,
            &[],
        ] {
            assert_eq!(ConsistencyToken::opened(&seal(KIND, bad)), None, "{bad:?}");
        }
        assert_eq!(ConsistencyToken::opened(&seal(1, &good)), None, "another kind");
        assert_eq!(ConsistencyToken::opened(""), None);
    }
}
