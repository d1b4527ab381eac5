//! The contract, as the descriptors tell it; requests that can be changed field by field.

use std::{collections::BTreeSet, sync::LazyLock};

use orders_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value,
};

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap());

/// Names of the methods that take one request, in the order of the contract.
pub(crate) fn methods() -> Vec<String> {
    let service = POOL.get_service_by_name("orders.v1.OrderCommandService").unwrap();
    service
        .methods()
        .filter(|method| !method.is_client_streaming())
        .map(|method| method.name().to_owned())
        .collect()
}

/// What a method takes.
pub(super) fn request_of(method: &str) -> MessageDescriptor {
    let service = POOL.get_service_by_name("orders.v1.OrderCommandService").unwrap();
    service.methods().find(|known| known.name() == method).unwrap().input()
}

/// A malformed value.
#[derive(Debug, Clone)]
pub(super) enum Bad {
    /// The field is left out; a list is empty.
    Unset,
    Text(String),
    Bool(bool),
    /// Of whatever type of number the field is, an enum's too.
    Number(i64),
    Texts(Vec<String>),
    /// A list whose first element is there so many times.
    Times(usize),
    /// All the pairs of a map.
    Pairs(Vec<(String, String)>),
    /// `google.type.Money`: currency code, units, nanos.
    Money(&'static str, i64, i32),
}

/// Puts a value in the place of a field, such as `order.lines[1].sku`, or of an element.
pub(super) fn put(message: &mut DynamicMessage, path: &str, bad: &Bad) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (name, index) = step.split_once('[').map_or((step, None), |(name, index)| {
        (name, Some(index.strip_suffix(']').unwrap().parse::<usize>().unwrap()))
    });
    let field = message.descriptor().get_field_by_name(name).unwrap_or_else(|| panic!("no field {name}"));
    if rest.is_none() && index.is_none() {
        return match value(message, &field, bad) {
            Some(value) => message.set_field(&field, value),
            None => message.clear_field(&field),
        };
    }
    let mut target = message.get_field_mut(&field);
    if let Some(index) = index {
        target = &mut target.as_list_mut().unwrap()[index];
    }
    match rest {
        Some(rest) => put(target.as_message_mut().unwrap(), rest, bad),
        None => *target = scalar(&field, bad),
    }
}

fn value(message: &DynamicMessage, field: &FieldDescriptor, bad: &Bad) -> Option<Value> {
    Some(match bad {
        Bad::Unset => return None,
        Bad::Texts(texts) => Value::List(texts.iter().cloned().map(Value::String).collect()),
        Bad::Times(times) => {
            let first = message.get_field(field).as_list().unwrap()[0].clone();
            Value::List(vec![first; *times])
        }
        Bad::Pairs(pairs) => {
            let pair =
                |(key, value): &(String, String)| (MapKey::String(key.clone()), Value::String(value.clone()));
            Value::Map(pairs.iter().map(pair).collect())
        }
        Bad::Money(currency, units, nanos) => {
            let mut money = DynamicMessage::new(field.kind().as_message().unwrap().clone());
            money.set_field_by_name("currency_code", Value::String((*currency).to_owned()));
            money.set_field_by_name("units", Value::I64(*units));
            money.set_field_by_name("nanos", Value::I32(*nanos));
            Value::Message(money)
        }
        scalar => self::scalar(field, scalar),
    })
}

fn scalar(field: &FieldDescriptor, bad: &Bad) -> Value {
    match (bad, field.kind()) {
        (Bad::Text(text), _) => Value::String(text.clone()),
        (Bad::Bool(value), _) => Value::Bool(*value),
        (Bad::Number(n), Kind::Int32) => Value::I32(i32::try_from(*n).unwrap()),
        (Bad::Number(n), Kind::Int64) => Value::I64(*n),
        (Bad::Number(n), Kind::Uint32) => Value::U32(u32::try_from(*n).unwrap()),
        (Bad::Number(n), Kind::Enum(_)) => Value::EnumNumber(i32::try_from(*n).unwrap()),
        (bad, kind) => panic!("{bad:?} does not go into {kind:?}"),
    }
}

/// The fields of a method's request that a value can be wrong in, without the indices of lists: every text, number and
/// enum that is not output only. Booleans are right whatever they are.
pub(super) fn fields_to_check(method: &str) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    collect(&request_of(method), "", &mut fields);
    fields
}

fn collect(message: &MessageDescriptor, prefix: &str, fields: &mut BTreeSet<String>) {
    for field in message.fields().filter(|field| !is_output_only(field)) {
        let path =
            if prefix.is_empty() { field.name().to_owned() } else { format!("{prefix}.{}", field.name()) };
        match field.kind() {
            Kind::Bool => {}
            Kind::Message(inner) if !field.is_map() => collect(&inner, &path, fields),
            _ => drop(fields.insert(path)),
        }
    }
}

fn is_output_only(field: &FieldDescriptor) -> bool {
    const OUTPUT_ONLY: i32 = 3;
    let behaviors = POOL.get_extension_by_name("google.api.field_behavior").unwrap();
    let options = field.options();
    let behaviors = options.get_extension(&behaviors);
    behaviors.as_list().unwrap().iter().any(|behavior| behavior.as_enum_number() == Some(OUTPUT_ONLY))
}

/// A path without the indices of lists.
pub(super) fn without_indices(path: &str) -> String {
    path.split('.')
        .map(|step| step.split_once('[').map_or(step, |(name, _)| name))
        .collect::<Vec<_>>()
        .join(".")
}
