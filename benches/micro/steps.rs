//! What the steps of a command cost, without a network and a database: decode the request, run the aggregate's rules, encode
//! the order; and all of them together, as the API runs them.

mod fixture;
#[path = "../src/workloads/order.rs"]
mod order;

use bytes::Bytes;
use divan::{Bencher, black_box};
use orders_proto::{
    EncodedOrder, orders::v1::CreateOrderRequest, servers::order_command_service_server::OrderCommandService,
};
use prost::Message;
use shared_domain::{Order as Aggregate, OrderNumber};

use self::fixture::Fixture;

fn main() {
    divan::main();
}

/// The bytes of a request into a message.
#[divan::bench]
fn decode_request(bencher: Bencher<'_, '_>) {
    let bytes = Fixture::create_request(true).encode_to_vec();
    bencher.bench_local(|| CreateOrderRequest::decode(black_box(bytes.as_slice())));
}

/// A new order with three lines, created and placed.
#[divan::bench]
fn aggregate_create_and_place(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    bencher.with_inputs(|| (fixture.new_order(), OrderNumber::from_sequence(1))).bench_local_values(
        |(new, number)| {
            let mut order = Aggregate::create(fixture.placed.id, new, fixture.now)?;
            order.place(number, None, None, fixture.now)?;
            Ok::<_, shared_domain::Rejected>(order)
        },
    );
}

/// A stored order, checked as every stored order is.
#[divan::bench]
fn aggregate_restore(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    bencher.with_inputs(|| fixture.placed.clone()).bench_local_values(Aggregate::restore);
}

/// A stored order put on hold.
#[divan::bench]
fn aggregate_hold(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    let restored = || Aggregate::restore(fixture.placed.clone()).expect("it was stored");
    bencher
        .with_inputs(|| (restored(), fixture.reason()))
        .bench_local_values(|(mut order, reason)| order.hold(reason, fixture.now).map(|()| order));
}

/// An order into its published state.
#[divan::bench]
fn encode_published_state(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    bencher.bench_local(|| fixture.publish(black_box(&fixture.placed)));
}

/// A published state into the bytes of an answer.
#[divan::bench]
fn pass_published_state_on(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    let bytes = Bytes::from(fixture.publish(&fixture.placed));
    bencher.bench_local(|| EncodedOrder::from(black_box(&bytes).clone()).encode_to_vec());
}

/// All that CreateOrder does but to commit.
#[divan::bench]
fn api_create_order(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    let request = || fixture.request(Fixture::create_request(true));
    bencher
        .with_inputs(request)
        .bench_local_values(|request| fixture.runtime.block_on(fixture.api.create_order(request)));
}

/// All that HoldOrder does but to commit, with the order in memory.
#[divan::bench]
fn api_hold_order(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    let request = || fixture.request(fixture.hold_request());
    bencher
        .with_inputs(request)
        .bench_local_values(|request| fixture.runtime.block_on(fixture.api.hold_order(request)));
}
