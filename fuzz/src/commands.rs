//! Commands, one after the other, on orders in memory: decoder, use case and rules.

mod sound;

use std::{
    pin::Pin,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use command_application::{Clock, Commands, IdGenerator};
use command_infrastructure::api::OrderCommandApi;
use orders_proto::orders::v1::{ImportOrdersResponse, Order, import_order_result::Result as Imported};
use prost::Message;
use shared_domain::{OrderId, Timestamp};
use tonic::Code;
use uuid::Uuid;

use self::sound::Sound;
use crate::{
    blocking,
    call::{Answer, call},
    seeds,
    steps::{input, steps},
};

/// The rpcs of command-service. Their places are part of the corpus: new ones go to the end.
const METHODS: [&str; 19] = [
    "CreateOrder",
    "UpdateOrder",
    "AmendOrder",
    "PlaceOrder",
    "ConfirmOrder",
    "HoldOrder",
    "ReleaseOrder",
    "CompleteOrder",
    "CancelOrder",
    "DeleteOrder",
    "AddOrderNote",
    "CreateShipment",
    "ShipShipment",
    "DeliverShipment",
    "FailShipment",
    "CancelShipment",
    "RecordPaymentTransaction",
    "BatchCreateOrders",
    "ImportOrders",
];

/// What the first order's id is; those of the next ones follow.
const FIRST_ID: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0001;

/// Makes the calls of an input. Nothing panics, every order stays sound, and every refusal has a reason.
pub(crate) fn run(bytes: &[u8]) {
    let commands = Commands::new(Sound::default(), Ticks::default(), Counted::default());
    let service = OrderCommandApi::new(commands).into_service();
    blocking(async {
        for (method, message) in steps(&METHODS, bytes) {
            let path = format!("/orders.v1.OrderCommandService/{method}");
            check(method, &call(service.clone(), path, message).await);
        }
    });
}

/// An answer is what its rpc answers with, with no defect inside.
fn check(method: &str, answer: &Answer) {
    match (method, answer.messages.as_slice()) {
        (_, []) => assert_ne!(answer.code, Code::Ok, "{method} answers"),
        ("ImportOrders", [results]) => {
            let results = ImportOrdersResponse::decode(results.clone()).expect("results").results;
            for result in results {
                if let Some(Imported::Error(status)) = result.result {
                    let code = Code::from(status.code);
                    assert!(!matches!(code, Code::Ok | Code::Internal | Code::Unknown), "{status:?}");
                }
            }
        }
        ("DeleteOrder" | "BatchCreateOrders", [_]) => {}
        (_, [order]) => {
            let order = Order::decode(order.clone()).expect("an order");
            assert_eq!(order.etag, format!("W/\"{}\"", order.version), "{method}");
        }
        (_, several) => panic!("{method} answered {} times", several.len()),
    }
}

/// The whole life of an order, each command alone, and each after a placement.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let name = format!("orders/{}", Uuid::from_u128(FIRST_ID));
    let life = seeds::commands(&name);
    let (place, place_paid) = (life[0].clone(), life[18].clone());
    let confirm = life[6].clone();
    let mut inputs = vec![input(&METHODS, &life)];
    for seed in life {
        inputs.push(input(&METHODS, &[place.clone(), seed.clone()]));
        inputs.push(input(&METHODS, &[place_paid.clone(), confirm.clone(), seed]));
    }
    inputs
}

/// A clock by which every look takes a second.
#[derive(Debug, Default)]
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        const START: i64 = 1_767_225_600;
        let seconds = START + self.0.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_timestamp(seconds, 0).expect("a time of this century")
    }

    fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// Ids that an input can know beforehand.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl IdGenerator for Counted {
    fn order_id(&self) -> OrderId {
        OrderId::referring(Uuid::from_u128(FIRST_ID + u128::from(self.0.fetch_add(1, Ordering::Relaxed))))
    }
}

#[cfg(test)]
mod tests {
    use orders_proto::FILE_DESCRIPTOR_SET;
    use prost_reflect::DescriptorPool;

    use super::*;
    use crate::mutate;

    /// Lives of orders in which a command in four is not what it was.
    fn live(lives: u64) {
        let life = seeds::commands(&format!("orders/{}", Uuid::from_u128(FIRST_ID)));
        for seed in 0..lives {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut lived = life.clone();
            for step in &mut lived {
                if rng.u8(..4) == 0 {
                    let other = &life[rng.usize(..life.len())].message;
                    step.message = mutate(&mut rng, &step.message, other);
                }
                step.message.truncate(usize::from(u16::MAX));
            }
            println!("life {seed}");
            run(&input(&METHODS, &lived));
        }
    }

    #[test]
    fn orders_stay_sound_whatever_is_asked_of_them() {
        live(300);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn orders_stay_sound_through_many_lives() {
        live(50_000);
    }

    #[test]
    fn all_rpcs_are_called() {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let service = pool.get_service_by_name("orders.v1.OrderCommandService").unwrap();
        let mut named: Vec<_> = service.methods().map(|method| method.name().to_owned()).collect();
        let mut known = METHODS.map(str::to_owned);
        named.sort();
        known.sort();
        assert_eq!(known.as_slice(), named);
        for method in METHODS {
            assert!(seeds::commands("").iter().any(|seed| seed.method == method), "no seed for {method}");
        }
    }
}
