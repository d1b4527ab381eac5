//! What an event looks like when it arrives.

use orders_proto::{
    FILE_DESCRIPTOR_SET,
    orders::v1::{NoteAdded, OrderCreated, OrderPlaced},
};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, Value};
use serde_json::json;
use tonic::Request;
use uuid::Uuid;

use crate::support::{Consumer, Service, World, header, note, placed};

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test(flavor = "multi_thread")]
async fn events_are_cloud_events_in_protobuf() {
    let world = World::new().await;
    let service = Service::start(&world.database, &["--nats-url", &world.nats.url()]).await;
    let mut commands = service.client();
    let order = placed(&mut commands).await;
    let mut request = Request::new(orders_proto::orders::v1::AddOrderNoteRequest {
        name: order.name.clone(),
        text: "traced".to_owned(),
        visibility: 1,
        ..Default::default()
    });
    request.metadata_mut().insert("traceparent", TRACEPARENT.parse().unwrap());
    commands.add_order_note(request).await.unwrap();

    let consumer = Consumer::of(&world.nats).await;
    consumer.complete(&world.sql().await).await;
    let messages = consumer.messages().await;
    let id = order.name.strip_prefix("orders/").unwrap();
    let expected = [("OrderCreated", 1, 0), ("OrderPlaced", 1, 1), ("NoteAdded", 2, 0)];
    for (message, (kind, version, index)) in messages.iter().zip(expected) {
        assert_eq!(message.subject.as_str(), format!("orders.default.{id}.{kind}"));
        assert_eq!(header(message, "Nats-Msg-Id"), format!("{id}:{version}:{index}"));
        assert_eq!(header(message, "ce-id"), format!("{id}:{version}:{index}"));
        assert_eq!(header(message, "ce-specversion"), "1.0");
        assert_eq!(header(message, "ce-type"), format!("orders.v1.{kind}"));
        assert_eq!(header(message, "ce-source"), "/orders");
        assert_eq!(header(message, "ce-subject"), order.name);
        assert_eq!(header(message, "content-type"), "application/protobuf");
        assert_eq!(header(message, "ce-tenant"), "default");
        assert_eq!(header(message, "ce-orderversion"), version.to_string());
        assert_eq!(header(message, "ce-eventindex"), index.to_string());
        assert_eq!(header(message, "ce-actorkind"), "ACTOR_KIND_USER");
        assert_eq!(header(message, "ce-actor"), "anonymous");
    }
    assert_eq!(messages.len(), expected.len());

    let time = order.create_time.unwrap();
    let sent: prost_types::Timestamp = header(&messages[0], "ce-time").parse().unwrap();
    assert_eq!(sent, time);
    let created = OrderCreated::decode(messages[0].payload.clone()).unwrap().order.unwrap();
    assert_eq!(created.lines, order.lines);
    let placed = OrderPlaced::decode(messages[1].payload.clone()).unwrap();
    assert_eq!(placed.order_number, order.order_number);
    assert_eq!(NoteAdded::decode(messages[2].payload.clone()).unwrap().text, "traced");

    assert_eq!(header(&messages[2], "traceparent"), TRACEPARENT);
    assert_eq!(header(&messages[2], "ce-traceparent"), TRACEPARENT);
    assert!(messages[0].headers.as_ref().unwrap().get("traceparent").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn data_can_be_json_and_names_can_be_chosen() {
    let world = World::new().await;
    let arguments =
        ["--relay-data", "json", "--relay-source", "//shop.example/orders eu", "--relay-subject", "shop.eu"];
    let _relay = world.relay(&arguments);
    let service = Service::start(&world.database, &[]).await;
    let mut commands = service.client();
    let order = placed(&mut commands).await;
    note(&mut commands, &order, "gr\u{fc}n").await;

    let consumer = Consumer::of(&world.nats).await;
    consumer.complete(&world.sql().await).await;
    let messages = consumer.messages().await;
    let noted: serde_json::Value = serde_json::from_slice(&messages[2].payload).unwrap();
    assert_eq!(noted, json!({"text": "gr\u{fc}n", "visibility": "NOTE_VISIBILITY_INTERNAL"}));
    let placed: serde_json::Value = serde_json::from_slice(&messages[1].payload).unwrap();
    assert_eq!(placed["orderNumber"], order.order_number);
    assert_eq!(placed["total"], json!({"currencyCode": "EUR", "units": "24", "nanos": 900_000_000}));
    assert_eq!(header(&messages[1], "content-type"), "application/json");
    assert_eq!(header(&messages[1], "ce-source"), "//shop.example/orders%20eu");
    assert!(messages[1].subject.starts_with("shop.eu.default."), "{}", messages[1].subject);
}

/// One event of every kind of the contract, in the order of their numbers.
fn kinds() -> Vec<(String, MessageDescriptor)> {
    let contract = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let event = contract.get_message_by_name("orders.v1.OrderEvent").unwrap();
    let kind = |field: prost_reflect::FieldDescriptor| match field.kind() {
        Kind::Message(message) => (field.name().to_owned(), message),
        other => panic!("{} is {other:?}", field.name()),
    };
    event.fields().map(kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_event_has_its_subject_and_its_type() {
    let world = World::new().await;
    let contract = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut commit =
        DynamicMessage::new(contract.get_message_by_name("orders.v1.OrderHistoryEntry").unwrap());
    let events = kinds().into_iter().map(|(field, kind)| {
        let mut event = DynamicMessage::new(contract.get_message_by_name("orders.v1.OrderEvent").unwrap());
        event.set_field_by_name(&field, Value::Message(DynamicMessage::new(kind)));
        Value::Message(event)
    });
    commit.set_field_by_name("events", Value::List(events.collect()));
    let (order, hex) = (Uuid::now_v7(), hex(&commit.encode_to_vec()));
    let sql = world.sql().await;
    sql.execute(&format!(
        "INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind, actor_subject, events)
         VALUES ('acme', '{order}', 1, now(), 2, 'import', '\\x{hex}')"
    ))
    .await;

    let _relay = world.relay(&[]);
    let consumer = Consumer::of(&world.nats).await;
    consumer.complete(&sql).await;
    let messages = consumer.messages().await;
    assert_eq!(messages.len(), kinds().len());
    for (message, (_, kind)) in messages.iter().zip(kinds()) {
        assert_eq!(message.subject.as_str(), format!("orders.acme.{order}.{}", kind.name()));
        assert_eq!(header(message, "ce-type"), kind.full_name());
        DynamicMessage::decode(kind, message.payload.clone()).unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
