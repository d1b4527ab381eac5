//! Valid requests with a few things changed at random: whatever comes of it, it is an answer or a refusal of the catalogue.

use orders_proto::orders::v1::{ErrorReason, Order};
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, ReflectMessage, Value, prost::Message};
use shared_infrastructure::errors::{code, name};
use tonic::{Code, Status};

use super::{contract::methods, valid::valid};
use crate::support::{Refusal, Service, full, note, ok, raw_call, ship, shipment};

/// How many requests are sent, unless PROPTEST_CASES says more.
const CASES: u32 = 1_500;

/// One thing to change.
#[derive(Debug, Clone)]
enum Tweak {
    /// A field, wherever it stands, gets an odd value.
    Field(Index, Index),
    /// A field is left out.
    Clear(Index),
    /// A bit of the encoded request is turned.
    Bit(Index),
}

fn tweaks() -> impl Strategy<Value = Vec<Tweak>> {
    let field = (any::<Index>(), any::<Index>()).prop_map(|(field, value)| Tweak::Field(field, value));
    let tweak = prop_oneof![
        6 => field,
        2 => any::<Index>().prop_map(Tweak::Clear),
        1 => any::<Index>().prop_map(Tweak::Bit),
    ];
    proptest::collection::vec(tweak, 1..4)
}

#[test]
fn no_request_is_answered_with_internal_or_unknown() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (service, orders) = runtime.block_on(async {
        let service = Service::start().await;
        let orders = [order(&service, 0).await, order(&service, 1).await, order(&service, 2).await];
        (service, orders)
    });
    let methods = methods();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let config = ProptestConfig { cases: config.cases.max(CASES), ..config };
    let cases = (any::<Index>(), 0..orders.len(), proptest::bool::weighted(0.7), tweaks());
    let mut runner = TestRunner::new(config);
    let result = runner.run(&cases, |(method, state, validate_only, tweaks)| {
        let method = method.get(&methods);
        let answer = runtime.block_on(async {
            // What is only tried leaves the orders as they are; what may be done gets one of its own.
            let request = if validate_only {
                mutated(method, &orders[state], true, &tweaks)
            } else {
                mutated(method, &order(&service, state).await, false, &tweaks)
            };
            raw_call(&service.channel(), method, request).await
        });
        match answer.map_err(check) {
            Err(Err(status)) => Err(TestCaseError::fail(format!("{method}: {status:?}"))),
            _ => Ok(()),
        }
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    runtime.block_on(async {
        for order in orders {
            let noted = ok(service.client().add_order_note(note(&order, "still there")).await);
            assert_eq!(noted.version, order.version + 1, "what was only tried changed nothing");
        }
    });
}

/// A draft, an order on its way, or a completed one.
async fn order(service: &Service, state: usize) -> Order {
    match state {
        0 => service.created(full()).await,
        1 => underway(service).await,
        _ => service.completed().await,
    }
}

/// An order with a bit of everything, that most commands can do something with.
async fn underway(service: &Service) -> Order {
    let mut client = service.client();
    let order = service.confirmed(full()).await;
    ok(client.create_shipment(shipment(&order, &[(1, 1)])).await);
    ok(client.ship_shipment(ship(&order, 1)).await);
    ok(client.create_shipment(shipment(&order, &[(1, 1)])).await)
}

/// A refusal has a reason of the catalogue and the status that goes with it, and is no defect.
fn check(status: Status) -> Result<(), Box<Status>> {
    let known = |refusal: &Refusal| {
        ErrorReason::from_str_name(&format!("ERROR_REASON_{}", refusal.reason))
            .is_some_and(|reason| name(reason) == refusal.reason && code(reason) == refusal.code)
    };
    let fine = !matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss | Code::Unavailable)
        && known(&Refusal::from(status.clone()));
    if fine { Ok(()) } else { Err(Box::new(status)) }
}

/// The method's request with the tweaks. What is to be tried only stays so: bits are left alone then.
fn mutated(method: &str, order: &Order, validate_only: bool, tweaks: &[Tweak]) -> Vec<u8> {
    let mut request = valid(method, order);
    for tweak in tweaks {
        match tweak {
            Tweak::Field(field, value) => change(&mut request, field, Some(value)),
            Tweak::Clear(field) => change(&mut request, field, None),
            Tweak::Bit(_) => {}
        }
    }
    request.set_field_by_name("validate_only", Value::Bool(validate_only));
    let mut bytes = request.encode_to_vec();
    for tweak in tweaks {
        match tweak {
            Tweak::Bit(at) if !validate_only && !bytes.is_empty() => {
                let at = at.index(bytes.len() * 8);
                bytes[at / 8] ^= 1 << (at % 8);
            }
            _ => {}
        }
    }
    bytes
}

/// Changes one of all the fields that the message and the ones in it have, set or not.
fn change(message: &mut DynamicMessage, field: &Index, value: Option<&Index>) {
    let at = field.index(count(message));
    visit(message, at, value);
}

fn count(message: &DynamicMessage) -> usize {
    let inner = message.fields().map(|(_, value)| messages(value).map(count).sum::<usize>());
    message.descriptor().fields().count() + inner.sum::<usize>()
}

fn messages(value: &Value) -> impl Iterator<Item = &DynamicMessage> {
    let list = value.as_list().into_iter().flatten().filter_map(Value::as_message);
    value.as_message().into_iter().chain(list)
}

fn visit(message: &mut DynamicMessage, at: usize, value: Option<&Index>) {
    let fields: Vec<_> = message.descriptor().fields().collect();
    if let Some(field) = fields.get(at) {
        return match value {
            Some(value) => message.set_field(field, odd(field, value)),
            None => message.clear_field(field),
        };
    }
    let mut at = at - fields.len();
    for (_, inner) in message.fields_mut() {
        let inners: Vec<&mut DynamicMessage> = match inner {
            Value::Message(message) => vec![message],
            Value::List(list) => list.iter_mut().filter_map(Value::as_message_mut).collect(),
            _ => vec![],
        };
        for inner in inners {
            let size = count(inner);
            if at < size {
                return visit(inner, at, value);
            }
            at -= size;
        }
    }
}

const TEXTS: [&str; 14] = [
    "",
    " ",
    "\0",
    "a\nb",
    "EUR",
    "JPY",
    "XAU",
    "orders/",
    "W/\"1\"",
    "GB",
    "a@b",
    "ﷺ\u{202e}",
    "standard",
    "*",
];
const NUMBERS: [i64; 12] =
    [0, 1, -1, 2, 3, 100, 1_000_000, 999_999_999, 10_000_000, i32::MAX as i64, i32::MIN as i64, 1 << 53];

/// A value of the field's type that is more or less odd.
fn odd(field: &FieldDescriptor, choice: &Index) -> Value {
    if field.is_map() {
        let text = |at: &Index| TEXTS[at.index(TEXTS.len())].to_owned();
        return Value::Map([(MapKey::String(text(choice)), Value::String(text(choice)))].into());
    }
    if field.is_list() {
        let one = odd_single(field.kind(), choice);
        return Value::List(vec![one; [0, 1, 2, 7, 101][choice.index(5)]]);
    }
    odd_single(field.kind(), choice)
}

fn odd_single(kind: Kind, choice: &Index) -> Value {
    let number = NUMBERS[choice.index(NUMBERS.len())];
    let narrow = i32::try_from(number.clamp(i32::MIN.into(), i32::MAX.into())).unwrap();
    match kind {
        Kind::String if choice.index(5) == 0 => Value::String("x".repeat(choice.index(3_000))),
        Kind::String => Value::String(TEXTS[choice.index(TEXTS.len())].to_owned()),
        Kind::Bool => Value::Bool(choice.index(2) == 0),
        Kind::Int32 => Value::I32(narrow),
        Kind::Int64 if choice.index(3) == 0 => Value::I64(if number < 0 { i64::MIN } else { i64::MAX }),
        Kind::Int64 => Value::I64(number),
        Kind::Uint32 => Value::U32(u32::from_ne_bytes(narrow.to_ne_bytes())),
        Kind::Enum(_) => Value::EnumNumber(narrow.clamp(-1, 9)),
        Kind::Message(message) => Value::Message(DynamicMessage::new(message)),
        other => panic!("no odd value for {other:?}"),
    }
}
