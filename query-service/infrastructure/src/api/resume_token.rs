//! Resume tokens: how far a watch has got, bound to what it watches. They carry no authority.

use prost::Message;
use query_application::{FeedPosition, Place};
use shared_domain::OrderId;
use shared_infrastructure::tokens;
use uuid::Uuid;

use super::page_token::Binding;

/// The kind that resume tokens are sealed as.
const KIND: u8 = b'R';

/// What a token says.
#[derive(Clone, PartialEq, Message)]
struct ResumeToken {
    #[prost(bytes = "vec", tag = "1")]
    binding: Vec<u8>,
    #[prost(uint64, tag = "2")]
    transaction: u64,
    /// In the feed. None among the orders that there were.
    #[prost(int64, optional, tag = "3")]
    position: Option<i64>,
    /// The last order dealt with, among those that there were.
    #[prost(bytes = "vec", optional, tag = "4")]
    order: Option<Vec<u8>>,
}

/// The token for a place in the watch that `binding` stands for.
pub(super) fn seal(binding: &Binding, place: Place) -> String {
    let binding = binding.as_bytes().to_vec();
    let token = match place {
        Place::Orders { horizon, after } => ResumeToken {
            binding,
            transaction: horizon,
            position: None,
            order: after.map(|order| order.uuid().into()),
        },
        Place::Feed(FeedPosition { transaction, position }) => {
            ResumeToken { binding, transaction, position: Some(position), order: None }
        }
    };
    tokens::seal(KIND, &token.encode_to_vec())
}

/// The place that a token tells; none for anything that [`seal`] did not make for this watch.
pub(super) fn open(binding: &Binding, token: &str) -> Option<Place> {
    let token = ResumeToken::decode(tokens::open(KIND, token)?.as_slice()).ok()?;
    if token.binding != binding.as_bytes() {
        return None;
    }
    match (token.position, token.order) {
        (Some(position), None) => {
            (position >= 0).then_some(Place::Feed(FeedPosition { transaction: token.transaction, position }))
        }
        (None, after) => {
            let after = after.map(|order| Uuid::from_slice(&order).ok().map(OrderId::referring));
            let after = match after {
                Some(order) => Some(order?),
                None => None,
            };
            Some(Place::Orders { horizon: token.transaction, after })
        }
        (Some(_), Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(filter: &str) -> Binding {
        Binding::new(&["WatchOrders", "acme", filter])
    }

    #[test]
    fn places_survive_the_round_trip_in_their_own_watch_only() {
        let order = OrderId::referring(Uuid::from_u128(7));
        for place in [
            Place::Orders { horizon: 0, after: None },
            Place::Orders { horizon: u64::MAX, after: Some(order) },
            Place::Feed(FeedPosition::before(9)),
            Place::Feed(FeedPosition { transaction: 10, position: i64::MAX }),
        ] {
            let token = seal(&binding("x"), place);
            assert_eq!(open(&binding("x"), &token), Some(place));
            assert_eq!(open(&binding("y"), &token), None, "another watch");
        }
    }

    #[test]
    fn anything_else_is_no_place() {
        let sealed = |position, order: Option<&[u8]>| {
            let binding = binding("").as_bytes().to_vec();
            let token = ResumeToken { binding, transaction: 1, position, order: order.map(<[u8]>::to_vec) };
            tokens::seal(KIND, &token.encode_to_vec())
        };
        for token in [
            String::new(),
            "x".into(),
            sealed(Some(-1), None),
            sealed(Some(1), Some(&[0; 16])),
            sealed(None, Some(&[0; 15])),
            tokens::seal(KIND, b"\xff"),
            tokens::seal(KIND + 1, b""),
        ] {
            assert_eq!(open(&binding(""), &token), None, "{token}");
        }
    }
}
