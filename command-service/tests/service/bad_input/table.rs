//! Every malformed value of every field of every request, one at a time.

use std::collections::BTreeSet;

use orders_proto::orders::v1::Order;
use prost_reflect::prost::Message;
use tonic::Code;

use super::{
    contract::{Bad, fields_to_check, methods, put, without_indices},
    rows::rows_of,
    valid::valid,
};
use crate::support::{Refusal, Service, draft, raw_call};

/// What is not wrong in itself, whatever it is.
const ALWAYS_WELL_FORMED: [(&str, &str); 1] = [("RecordPaymentTransaction", "payment_id")]; // 0 stands for none

/// The fields of an order that UpdateOrder looks at.
const UPDATABLE: [&str; 6] =
    ["name", "contact", "billing_address", "tags", "metadata", "purchase_order_number"];

#[test]
fn every_field_of_every_request_has_a_row() {
    for method in methods() {
        let mut covered = BTreeSet::new();
        for row in rows_of(&method) {
            covered.insert(without_indices(&row.path));
            if row.bad.iter().any(|bad| matches!(bad, Bad::Money(..))) {
                let money = without_indices(&row.path);
                covered.extend(["currency_code", "units", "nanos"].map(|name| format!("{money}.{name}")));
            }
        }
        let looked_at = |field: &String| {
            let unused = method == "UpdateOrder"
                && field.strip_prefix("order.").is_some_and(|rest| {
                    !UPDATABLE.iter().any(|name| rest == *name || rest.starts_with(&format!("{name}.")))
                });
            let well_formed = ALWAYS_WELL_FORMED.contains(&(method.as_str(), field.as_str()));
            !unused && !well_formed
        };
        let missing: Vec<_> = fields_to_check(&method)
            .into_iter()
            .filter(looked_at)
            .filter(|field| !covered.contains(field))
            .collect();
        assert!(missing.is_empty(), "{method}: no row for {missing:#?}");
    }
}

#[tokio::test]
async fn every_malformed_value_is_refused_where_it_stands() {
    let service = Service::start().await;
    let order = service.confirmed(draft()).await;
    let before = service.sql().await.fingerprint().await;
    let (mut tried, mut wrong) = (0, vec![]);
    for method in methods() {
        for row in rows_of(&method) {
            for bad in &row.bad {
                tried += 1;
                let refusal = send(&service, &order, &method, &row.path, bad).await;
                let expected = Ok((row.reason.to_owned(), vec![(row.at.clone(), row.reason.to_owned())]));
                if refusal != expected {
                    wrong.push(format!("{method} {} {bad:?}: {refusal:?}, not {expected:?}", row.path));
                }
            }
        }
    }
    assert!(tried > 2_000, "only {tried} values were tried");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(service.sql().await.fingerprint().await, before);
}

type Told = (String, Vec<(String, String)>);

/// Reason and bad fields of the refusal, or whatever else came back.
async fn send(service: &Service, order: &Order, method: &str, path: &str, bad: &Bad) -> Result<Told, String> {
    let mut request = valid(method, order);
    put(&mut request, path, bad);
    match raw_call(&service.channel(), method, request.encode_to_vec()).await {
        Ok(_) => Err("accepted".to_owned()),
        Err(status) => {
            let refusal = Refusal::from(status);
            if refusal.code == Code::InvalidArgument {
                Ok((refusal.reason, refusal.fields))
            } else {
                Err(format!("{refusal:?}"))
            }
        }
    }
}

/// Without this, the table would be about requests that are refused anyway.
#[tokio::test]
async fn the_requests_are_well_formed_before_they_are_changed() {
    let service = Service::start().await;
    for method in methods() {
        let order = service.confirmed(draft()).await;
        let answer = raw_call(&service.channel(), &method, valid(&method, &order).encode_to_vec()).await;
        if let Err(status) = answer {
            let refusal = Refusal::from(status);
            assert_ne!(refusal.code, Code::InvalidArgument, "{method}: {refusal:?}");
        }
    }
}
