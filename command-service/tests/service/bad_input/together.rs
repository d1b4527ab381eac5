//! Several bad fields at once: all of them are told.

use std::collections::BTreeSet;

use prost_reflect::prost::Message;
use tonic::Code;

use super::{
    contract::{methods, put},
    rows::{Row, rows_of},
    valid::valid,
};
use crate::support::{Refusal, Service, draft, raw_call};

/// How many fields are bad at once: their list is far from being cut.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn all_bad_fields_are_listed() {
    let service = Service::start().await;
    let order = service.confirmed(draft()).await;
    let mut wrong = vec![];
    for method in methods() {
        let rows = rows_of(&method);
        for stride in [1, 5, 17] {
            for group in groups(&rows, stride) {
                let mut request = valid(&method, &order);
                let mut expected = BTreeSet::new();
                for row in &group {
                    put(&mut request, &row.path, &row.bad[0]);
                    expected.insert(row.at.clone());
                }
                let answer = raw_call(&service.channel(), &method, request.encode_to_vec()).await;
                let refusal = Refusal::from(answer.expect_err("it has bad fields"));
                let told: BTreeSet<_> = refusal.fields.iter().map(|(field, _)| field.clone()).collect();
                if refusal.code != Code::InvalidArgument || told != expected {
                    wrong.push(format!("{method}: told {told:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows in groups of [`AT_ONCE`] that have nothing to do with each other.
fn groups(rows: &[Row], stride: usize) -> Vec<Vec<&Row>> {
    let mut groups: Vec<Vec<&Row>> = vec![];
    for offset in 0..stride {
        for row in rows.iter().skip(offset).step_by(stride) {
            let fits = |group: &&mut Vec<&Row>| {
                group.len() < AT_ONCE && group.iter().all(|other| independent(row, other))
            };
            match groups.iter_mut().find(fits) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
    }
    groups
}

/// Whether both can be told: neither stands in the other, nor says what the other means.
fn independent(a: &Row, b: &Row) -> bool {
    let meant = [("currency_code", "CURRENCY_MISMATCH"), ("order", "CURRENCY_MISMATCH")];
    let depends = |a: &Row, b: &Row| {
        let inside = |outer: &str, inner: &str| {
            inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        let scope = a.path.strip_suffix(".scope").is_some_and(|of| b.path == format!("{of}.line_id"));
        let currency = meant.iter().any(|(field, reason)| a.path.ends_with(field) && b.reason == *reason);
        let mask =
            a.path.starts_with("update_mask") && b.path.starts_with("order.") && b.path != "order.name";
        let failure = a.path == "transaction.state" && b.path.starts_with("transaction.failure");
        let twice = a.path.ends_with("[0].line_id") && b.path.ends_with("[1].line_id");
        inside(&a.path, &b.path) || inside(&a.at, &b.at) || scope || currency || mask || failure || twice
    };
    !depends(a, b) && !depends(b, a)
}

/// More bad fields than fit are counted.
#[tokio::test]
async fn a_long_list_is_cut_and_says_so() {
    let service = Service::start().await;
    let mut order = draft();
    order.lines = vec![crate::support::line("a b", 0, 1); 400];
    let refusal = crate::support::refusal(service.client().create_order(crate::support::create(order)).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    assert!(refusal.message.starts_with("800 fields are invalid (the first "), "{}", refusal.message);
    assert!((20..800).contains(&refusal.fields.len()), "{}", refusal.fields.len());
    assert_eq!(refusal.fields[1].0, "order.lines[0].quantity");
}
