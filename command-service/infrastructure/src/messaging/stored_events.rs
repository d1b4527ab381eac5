//! The events of a commit as they are stored, one by one. Their bytes are passed on as they are: an event may have fields that a
//! newer program wrote and this one does not know.

use std::sync::LazyLock;

use bytes::Bytes;
use command_application::OutgoingEvent;
use orders_proto::{FILE_DESCRIPTOR_SET, orders::v1::OrderHistoryEntry};
use prost::{
    DecodeError, Message,
    encoding::{WireType, decode_key, decode_varint},
};
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};
use shared_domain::Actor;
use shared_infrastructure::{feed::FeedEntry, wire::enums};

/// The contract, to look into messages by their names.
pub(super) static CONTRACT: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the contract's descriptors are valid")
});

/// The package of all events.
pub(super) const PACKAGE: &str = "orders.v1";

static EVENT: LazyLock<MessageDescriptor> = LazyLock::new(|| {
    CONTRACT.get_message_by_name("orders.v1.OrderEvent").expect("the contract has an OrderEvent")
});

/// The events of an `OrderHistoryEntry`, not looked into.
#[derive(Clone, PartialEq, Message)]
struct Stored {
    #[prost(bytes = "bytes", repeated, tag = "6")]
    events: Vec<Bytes>,
}

/// Why the events of a commit cannot be told apart.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// They are not what they should be.
    #[error("the stored events are damaged: {0}")]
    Damaged(#[from] DecodeError),
    /// One of them is of a kind that a newer program wrote.
    #[error("event {0} is of a kind that this program does not know")]
    UnknownKind(usize),
}

/// The events of a commit, in their order.
pub(super) fn of(commit: &FeedEntry) -> Result<Vec<OutgoingEvent>, Unreadable> {
    // Looks into everything; what is passed on is found by its place alone.
    OrderHistoryEntry::decode(commit.events.clone())?;
    let events = Stored::decode(commit.events.clone())?.events;
    let kind = enums::actor_kind::from_number(commit.actor_kind.into());
    let actor = kind.map(|kind| Actor { kind, subject: commit.actor_subject.clone() });
    let event = |(index, event): (usize, Bytes)| {
        let (kind, data) = split(event)?.ok_or(Unreadable::UnknownKind(index))?;
        Ok(OutgoingEvent {
            tenant: commit.tenant.clone(),
            order: commit.order,
            version: commit.version,
            index: u32::try_from(index).expect("a commit has few events"),
            kind,
            time: commit.commit_time,
            actor: actor.clone(),
            traceparent: commit.traceparent.clone(),
            data: data.into(),
        })
    };
    events.into_iter().enumerate().map(event).collect()
}

/// What happened, and the message that says it: the one field of an `OrderEvent`. None if that field is not known here.
fn split(mut event: Bytes) -> Result<Option<(String, Bytes)>, DecodeError> {
    if event.is_empty() {
        return Ok(None);
    }
    let (tag, wire_type) = decode_key(&mut event)?;
    let Some(Kind::Message(message)) = EVENT.get_field(tag).map(|field| field.kind()) else {
        return Ok(None);
    };
    if wire_type != WireType::LengthDelimited {
        return Ok(None);
    }
    let length = usize::try_from(decode_varint(&mut event)?).unwrap_or(usize::MAX);
    // Two kinds in one event are of no program that there was.
    Ok((length == event.len()).then(|| (message.name().to_owned(), event)))
}

#[cfg(test)]
mod tests {
    use orders_proto::orders::v1::{OrderEvent, OrderHeld, OrderPlaced, order_event::Event};
    use shared_domain::Timestamp;
    use shared_infrastructure::feed::FeedPosition;
    use uuid::Uuid;

    use super::*;

    fn commit(events: Vec<u8>) -> FeedEntry {
        FeedEntry {
            tenant: "acme".to_owned(),
            order: Uuid::nil(),
            version: 3,
            commit_time: Timestamp::UNIX_EPOCH,
            actor_kind: 1,
            actor_subject: "ada".to_owned(),
            request: None,
            events: events.into(),
            published_state: None,
            previous_state: None,
            traceparent: None,
            position: FeedPosition::START,
        }
    }

    fn entry(events: Vec<Event>) -> Vec<u8> {
        let events = events.into_iter().map(|event| OrderEvent { event: Some(event) }).collect();
        OrderHistoryEntry { events, ..Default::default() }.encode_to_vec()
    }

    #[test]
    fn events_keep_their_order_and_their_bytes() {
        let placed = OrderPlaced { order_number: "1".to_owned(), ..Default::default() };
        let held = OrderHeld { reason: "fraud".to_owned() };
        let stored = entry(vec![Event::OrderPlaced(placed.clone()), Event::OrderHeld(held.clone())]);
        let events = of(&commit(stored)).unwrap();
        let seen: Vec<_> =
            events.iter().map(|event| (event.index, event.kind.as_str(), &event.data)).collect();
        assert_eq!(
            seen,
            [(0, "OrderPlaced", &placed.encode_to_vec()), (1, "OrderHeld", &held.encode_to_vec())]
        );
    }

    #[test]
    fn an_event_without_content_has_its_kind() {
        let deleted = Event::OrderDeleted(orders_proto::orders::v1::OrderDeleted {});
        let events = of(&commit(entry(vec![deleted]))).unwrap();
        assert_eq!((events[0].kind.as_str(), events[0].data.as_slice()), ("OrderDeleted", &[][..]));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(matches!(of(&commit(vec![0xff])), Err(Unreadable::Damaged(_))));
        // Field 6 with an event in it that has the field 1000 only.
        let unknown = [0x32, 3, 0xc2, 0x3e, 0];
        assert_eq!(of(&commit(unknown.to_vec())), Err(Unreadable::UnknownKind(0)));
        let empty = entry(vec![]);
        assert_eq!(of(&commit(empty)), Ok(vec![]));
    }
}
