//! The contract in proto/orders/v1 keeps its own conventions: everything has a comment, since the comments are the reference
//! of the API; every mutation can be retried, checked and tried out; a missing enum value is never taken for a real one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use orders_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, FileDescriptor, Kind, MessageDescriptor, ServiceDescriptor,
};

/// The parts of a file, by their numbers in `google.protobuf.FileDescriptorProto` and its like: the alphabet of the paths
/// that comments are found by.
mod part {
    pub(crate) const MESSAGE: i32 = 4;
    pub(crate) const ENUM: i32 = 5;
    pub(crate) const SERVICE: i32 = 6;
    pub(crate) const EXTENSION: i32 = 7;
    pub(crate) const FIELD: i32 = 2;
    pub(crate) const NESTED_MESSAGE: i32 = 3;
    pub(crate) const NESTED_ENUM: i32 = 4;
    pub(crate) const VALUE: i32 = 2;
    pub(crate) const ONEOF: i32 = 8;
    pub(crate) const METHOD: i32 = 2;
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap()
}

/// The files of the contract, without what they import.
fn files(pool: &DescriptorPool) -> Vec<FileDescriptor> {
    pool.files().filter(|file| file.package_name() == "orders.v1").collect()
}

fn command_service() -> ServiceDescriptor {
    pool().get_service_by_name("orders.v1.OrderCommandService").unwrap()
}

/// Everything in the contract that a caller can name, with the path to its comment.
fn named_things(file: &FileDescriptor) -> Vec<(String, Vec<i32>)> {
    let mut things = Vec::new();
    for (index, message) in file.messages().enumerate() {
        add_message(&mut things, &message, vec![part::MESSAGE, number(index)]);
    }
    for (index, item) in file.enums().enumerate() {
        add_enum(&mut things, &item, vec![part::ENUM, number(index)]);
    }
    for (index, service) in file.services().enumerate() {
        let path = vec![part::SERVICE, number(index)];
        for (index, method) in service.methods().enumerate() {
            things.push((method.full_name().to_owned(), below(&path, part::METHOD, index)));
        }
        things.push((service.full_name().to_owned(), path));
    }
    for (index, extension) in file.extensions().enumerate() {
        things.push((extension.full_name().to_owned(), vec![part::EXTENSION, number(index)]));
    }
    things
}

fn add_message(things: &mut Vec<(String, Vec<i32>)>, message: &MessageDescriptor, path: Vec<i32>) {
    if message.is_map_entry() {
        return;
    }
    for (index, field) in message.descriptor_proto().field.iter().enumerate() {
        let name = format!("{}.{}", message.full_name(), field.name());
        things.push((name, below(&path, part::FIELD, index)));
    }
    for (index, oneof) in message.oneofs().filter(|oneof| !oneof.is_synthetic()).enumerate() {
        things.push((oneof.full_name().to_owned(), below(&path, part::ONEOF, index)));
    }
    for (index, nested) in message.child_messages().enumerate() {
        add_message(things, &nested, below(&path, part::NESTED_MESSAGE, index));
    }
    for (index, nested) in message.child_enums().enumerate() {
        add_enum(things, &nested, below(&path, part::NESTED_ENUM, index));
    }
    things.push((message.full_name().to_owned(), path));
}

fn add_enum(things: &mut Vec<(String, Vec<i32>)>, item: &EnumDescriptor, path: Vec<i32>) {
    for (index, value) in item.enum_descriptor_proto().value.iter().enumerate() {
        let name = format!("{}.{}", item.full_name(), value.name());
        things.push((name, below(&path, part::VALUE, index)));
    }
    things.push((item.full_name().to_owned(), path));
}

fn below(path: &[i32], part: i32, index: usize) -> Vec<i32> {
    [path, &[part, number(index)]].concat()
}

fn number(index: usize) -> i32 {
    i32::try_from(index).unwrap()
}

#[test]
fn everything_has_a_comment() {
    let pool = pool();
    let (mut uncommented, mut looked_into) = (Vec::new(), 0);
    for file in files(&pool) {
        let locations = file.file_descriptor_proto().source_code_info.as_ref().unwrap().location.iter();
        let commented: BTreeSet<_> = locations
            .filter(|location| !location.leading_comments().trim().is_empty())
            .map(|location| location.path.clone())
            .collect();
        let things = named_things(&file);
        assert!(!things.is_empty(), "{} was not looked into", file.name());
        looked_into += things.len();
        let without = things.into_iter().filter(|(_, path)| !commented.contains(path));
        uncommented.extend(without.map(|(name, _)| name));
    }
    assert!(looked_into > 500, "only {looked_into} things were found");
    assert!(uncommented.is_empty(), "write what a caller has to know above: {}", uncommented.join(", "));
}

#[test]
fn every_mutation_can_be_retried_and_tried_out() {
    for method in command_service().methods() {
        // A stream has as many requests inside it as it has messages.
        let request = method.input();
        let request = if method.is_client_streaming() { inner(&request, "request") } else { request };
        for (field, kind) in [("request_id", Kind::String), ("validate_only", Kind::Bool)] {
            let found = request.get_field_by_name(field).map(|field| field.kind());
            assert_eq!(found, Some(kind), "{} needs `{field}`", request.full_name());
        }
    }
}

#[test]
fn every_mutation_of_an_order_takes_its_etag() {
    let mut mutations = 0;
    for method in command_service().methods() {
        let request = method.input();
        let names_an_order = request.get_field_by_name("name").is_some() || method.name() == "UpdateOrder";
        let etag = request.get_field_by_name("etag").map(|field| field.kind());
        let expected = names_an_order.then_some(Kind::String);
        assert_eq!(
            etag,
            expected,
            "`etag` of {}, which names an order: {names_an_order}",
            request.full_name()
        );
        mutations += usize::from(names_an_order);
    }
    assert!(mutations > 10, "only {mutations} rpcs name an order");
}

#[test]
fn common_fields_have_the_same_number_everywhere() {
    let pool = pool();
    for message in files(&pool).iter().flat_map(FileDescriptor::messages) {
        for (name, number) in [("request_id", 16), ("etag", 17), ("validate_only", 18)] {
            if let Some(field) = message.get_field_by_name(name).filter(|_| is_request(&message)) {
                assert_eq!(field.number(), number, "{}", field.full_name());
                assert_eq!(field.cardinality(), Cardinality::Optional, "{}", field.full_name());
            }
        }
    }
}

#[test]
fn a_missing_enum_value_is_unspecified() {
    let pool = pool();
    for item in pool.all_enums().filter(|item| item.package_name() == "orders.v1") {
        let zero = item.get_value(0).unwrap_or_else(|| panic!("{} has no value 0", item.full_name()));
        assert!(zero.name().ends_with("_UNSPECIFIED"), "{}: 0 must be _UNSPECIFIED", item.full_name());
    }
}

fn is_request(message: &MessageDescriptor) -> bool {
    message.name().ends_with("Request")
}

fn inner(message: &MessageDescriptor, field: &str) -> MessageDescriptor {
    match message.get_field_by_name(field).unwrap().kind() {
        Kind::Message(message) => message,
        other => panic!("{} is {other:?}", message.full_name()),
    }
}

/// The reference for those who consume events lists all kinds of them, with what the contract says they mean.
#[test]
fn the_reference_of_events_is_that_of_the_contract() {
    let reference = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/events.md")).unwrap();
    let heading = "| `ce-type`, after `orders.v1.` | means |\n|---|---|\n";
    let (_, table) = reference.split_once(heading).unwrap();
    let kinds = pool().get_message_by_name("orders.v1.OrderEvent").unwrap();
    let rows = kinds.fields().map(|field| {
        let file = kinds.parent_file();
        let locations = &file.file_descriptor_proto().source_code_info.as_ref().unwrap().location;
        let comment =
            locations.iter().find(|location| location.path == field.path()).unwrap().leading_comments();
        let Kind::Message(kind) = field.kind() else { panic!("{} is no message", field.name()) };
        format!("| `{}` | {} |\n", kind.name(), comment.trim().trim_end_matches('.'))
    });
    assert_eq!(table, rows.collect::<String>());
}

/// The reference of authentication lists the scope of every rpc.
#[test]
fn the_reference_of_scopes_is_that_of_the_contract() {
    let reference =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/authentication.md")).unwrap();
    let heading = "| rpc | scope |\n|---|---|\n";
    let (_, table) = reference.split_once(heading).unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let pool = pool();
    let option = pool.get_extension_by_name("orders.v1.required_scope").unwrap();
    let services = pool.services().filter(|service| service.package_name() == "orders.v1");
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    let rows: Vec<_> = methods
        .map(|method| {
            let options = method.options();
            let scope = options.get_extension(&option).as_str().unwrap().to_owned();
            assert!(!scope.is_empty(), "{} needs `option (required_scope)`", method.full_name());
            format!("| `{}` | `{scope}` |", method.name())
        })
        .collect();
    assert_eq!(table, rows.join("\n"));
}
