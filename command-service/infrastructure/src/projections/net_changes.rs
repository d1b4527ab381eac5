//! What a stretch of the feed did to orders, taken together: from the state before it to the state after it.

use std::collections::HashMap;

use orders_proto::orders::v1::Order;
use prost::Message;
use shared_infrastructure::feed::FeedEntry;
use uuid::Uuid;

use super::ProjectionError;

/// What became of one order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NetChange {
    pub(super) tenant: String,
    pub(super) order: Uuid,
    /// None if there was no such order.
    pub(super) before: Option<Order>,
    /// None if there is no such order any more.
    pub(super) after: Option<Order>,
}

/// What became of each order that the entries are of. Entries of one order follow each other without a gap, each with its previous
/// state: the first of those and the last state are all that is looked at.
pub(super) fn net_changes(entries: &[FeedEntry]) -> Result<Vec<NetChange>, ProjectionError> {
    let mut places = HashMap::new();
    let mut ends: Vec<(&FeedEntry, &FeedEntry)> = Vec::new();
    for entry in entries {
        match places.get(&(entry.tenant.as_str(), entry.order)) {
            Some(&place) => {
                let (_, last): &mut (_, _) = &mut ends[place];
                *last = entry;
            }
            None => {
                places.insert((entry.tenant.as_str(), entry.order), ends.len());
                ends.push((entry, entry));
            }
        }
    }
    let changes = ends.into_iter().map(|(first, last)| {
        Ok(NetChange {
            tenant: first.tenant.clone(),
            order: first.order,
            before: decoded(first, first.previous_state.as_ref())?,
            after: decoded(last, last.published_state.as_ref())?,
        })
    });
    changes.collect()
}

fn decoded(entry: &FeedEntry, state: Option<&impl AsRef<[u8]>>) -> Result<Option<Order>, ProjectionError> {
    let decoded = state.map(|state| Order::decode(state.as_ref())).transpose();
    decoded.map_err(|error| ProjectionError::corrupt(&entry.tenant, entry.order, error))
}

#[cfg(test)]
mod tests {
    use shared_infrastructure::{database::TransactionId, feed::FeedPosition};

    use super::*;

    fn state(version: i64) -> Order {
        Order { version, ..Order::default() }
    }

    fn entry(order: u128, version: i64, before: Option<Order>, after: Option<Order>) -> FeedEntry {
        let bytes = |order: Order| order.encode_to_vec().into();
        FeedEntry {
            tenant: "acme".into(),
            order: Uuid::from_u128(order),
            version,
            commit_time: chrono::DateTime::default(),
            actor_kind: 1,
            actor_subject: String::new(),
            request: None,
            events: [].as_slice().into(),
            published_state: after.map(bytes),
            previous_state: before.map(bytes),
            traceparent: None,
            position: FeedPosition { transaction: TransactionId(1), position: 1 },
        }
    }

    #[test]
    fn commits_of_one_order_are_one_change() {
        let entries = [
            entry(1, 1, None, Some(state(1))),
            entry(2, 4, Some(state(3)), Some(state(4))),
            entry(1, 2, Some(state(1)), Some(state(2))),
            entry(2, 5, Some(state(4)), None),
        ];
        let change = |order, before, after| NetChange {
            tenant: "acme".into(),
            order: Uuid::from_u128(order),
            before,
            after,
        };
        assert_eq!(
            net_changes(&entries).unwrap(),
            [change(1, None, Some(state(2))), change(2, Some(state(3)), None)]
        );
    }

    #[test]
    fn orders_of_two_tenants_are_two_even_under_one_id() {
        let other = FeedEntry { tenant: "other".into(), ..entry(1, 1, None, Some(state(1))) };
        assert_eq!(net_changes(&[entry(1, 1, None, Some(state(1))), other]).unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_order_is_told_with_its_name() {
        let broken = FeedEntry { published_state: Some([0xff].as_slice().into()), ..entry(1, 1, None, None) };
        let error = net_changes(&[broken]).unwrap_err().to_string();
        assert!(error.contains("acme") && error.contains("00000000-0000-0000-0000-000000000001"), "{error}");
    }
}
