//! The happy ways of every rpc: what the answer carries, and what it leads to.

mod amend;
mod cancel;
mod create;
mod details;
mod payments;
mod shipments;
mod states;

use orders_proto::orders::v1::Order;
use prost_types::Timestamp;

/// A time as a number that can be compared.
fn micros(time: Option<Timestamp>) -> i64 {
    let time = time.expect("a time");
    assert_eq!(time.nanos % 1_000, 0, "{time:?}");
    time.seconds * 1_000_000 + i64::from(time.nanos) / 1_000
}

/// `after` is the version that comes next after `before`: later, with an etag and a token of its own.
fn follows(before: &Order, after: &Order) {
    assert_eq!(after.name, before.name);
    assert_eq!(after.version, before.version + 1);
    assert_eq!(after.etag, format!("W/\"{}\"", after.version));
    assert_eq!(after.create_time, before.create_time);
    assert!(micros(after.update_time) > micros(before.update_time));
    assert!(!after.consistency_token.is_empty());
    assert_ne!(after.consistency_token, before.consistency_token);
}
