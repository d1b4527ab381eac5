//! Requests that are no requests, and fields that only make sense together.

use bytes::Bytes;
use orders_proto::orders::v1::{
    Contact, CreateOrderRequest, ImportOrdersResponse, Order, RecordPaymentTransactionRequest,
    import_order_result,
};
use prost::Message;
use tonic::Code;

use super::{
    contract::{Bad, methods, put},
    valid::valid,
};
use crate::support::{
    Refusal, Service, capture, contact, create, draft, eur, full, line, ok, raw_call, raw_stream, refusal,
};

/// The fields of each method's request that have to be there.
const REQUIRED: [(&str, &[&str]); 18] = [
    ("CreateOrder", &["order"]),
    ("UpdateOrder", &["order", "update_mask"]),
    ("AmendOrder", &["changes", "name"]),
    ("PlaceOrder", &["name"]),
    ("ConfirmOrder", &["name"]),
    ("HoldOrder", &["name", "reason"]),
    ("ReleaseOrder", &["name"]),
    ("CompleteOrder", &["name"]),
    ("CancelOrder", &["name", "reason"]),
    ("DeleteOrder", &["name"]),
    ("AddOrderNote", &["name", "text", "visibility"]),
    ("CreateShipment", &["items", "name"]),
    ("ShipShipment", &["name", "shipment_id"]),
    ("DeliverShipment", &["name", "shipment_id"]),
    ("FailShipment", &["name", "reason", "shipment_id"]),
    ("CancelShipment", &["name", "shipment_id"]),
    ("RecordPaymentTransaction", &["name", "provider", "provider_reference", "transaction"]),
    ("BatchCreateOrders", &["requests"]),
];

#[tokio::test]
async fn an_empty_request_is_told_what_it_lacks() {
    let service = Service::start().await;
    assert_eq!(REQUIRED.map(|(method, _)| method).as_slice(), methods());
    for (method, required) in REQUIRED {
        let answer = raw_call(&service.channel(), method, Bytes::new()).await;
        let refusal = Refusal::from(answer.expect_err(method));
        assert_eq!(refusal.code, Code::InvalidArgument, "{method}");
        assert_eq!(refusal.bad_fields(), required, "{method}");
    }
    let none = raw_stream(&service.channel(), "ImportOrders", vec![]).await;
    assert_eq!(ImportOrdersResponse::decode(ok(none)).unwrap().results.len(), 0);
    let empty = raw_stream(&service.channel(), "ImportOrders", vec![Bytes::new()]).await;
    let results = ImportOrdersResponse::decode(ok(empty)).unwrap().results;
    let Some(import_order_result::Result::Error(error)) = &results[0].result else { panic!("{results:?}") };
    assert_eq!(error.code, Code::InvalidArgument as i32);
}

#[tokio::test]
async fn bytes_that_are_no_message() {
    let service = Service::start().await;
    let order = service.drafted().await;
    let no_text: &[u8] = b"\x82\x01\x02\xff\xfe"; // request_id that is not UTF-8
    for method in methods() {
        let whole = valid(&method, &order).encode_to_vec();
        for bytes in
            [b"\xff\xff".to_vec(), b"\x0a\x7f".to_vec(), no_text.to_vec(), whole[..whole.len() - 1].to_vec()]
        {
            let answer = raw_call(&service.channel(), &method, bytes.clone()).await;
            let refusal = Refusal::from(answer.expect_err(&method));
            assert_eq!(
                (refusal.code, refusal.reason.as_str()),
                (Code::InvalidArgument, "INVALID_FIELD"),
                "{method}"
            );
        }
    }
    let answer = raw_stream(&service.channel(), "ImportOrders", vec![Bytes::from_static(b"\xff\xff")]).await;
    assert_eq!(refusal(answer).code, Code::InvalidArgument);
}

#[tokio::test]
async fn a_currency_that_is_not_that_of_the_amounts() {
    let service = Service::start().await;
    let order = Order { currency_code: "USD".to_owned(), ..full() };
    let refusal = refusal(service.client().create_order(create(order)).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::InvalidArgument, "CURRENCY_MISMATCH"));
    let amounts = [
        "order.adjustments[0].amount.currency_code",
        "order.adjustments[1].amount.currency_code",
        "order.adjustments[2].amount.currency_code",
        "order.lines[0].tax_amount.currency_code",
        "order.lines[0].unit_price.currency_code",
        "order.lines[1].unit_price.currency_code",
        "order.shipping_lines[0].amount.currency_code",
        "order.shipping_lines[0].tax_amount.currency_code",
    ];
    assert_eq!(refusal.bad_fields(), amounts);
}

#[tokio::test]
async fn a_contact_can_be_reached() {
    let service = Service::start().await;
    let nowhere = Contact { email: String::new(), ..contact() };
    let order = Order { contact: Some(nowhere), ..draft() };
    let refusal = refusal(service.client().create_order(create(order)).await);
    assert_eq!(refusal.bad_fields(), ["order.contact"]);
}

#[tokio::test]
async fn a_payment_is_named_by_its_number_or_by_its_provider() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let both = RecordPaymentTransactionRequest {
        payment_id: 1,
        method_label: "Visa".to_owned(),
        planned_amount: Some(eur(1)),
        ..capture(&placed, "c-1", 1_00)
    };
    let refusal = refusal(service.client().record_payment_transaction(both).await);
    assert_eq!(refusal.bad_fields(), ["method_label", "planned_amount", "provider", "provider_reference"]);
}

#[tokio::test]
async fn an_order_id_is_in_a_batch_once() {
    let service = Service::start().await;
    let order = service.drafted().await;
    let id = "0193a5b0-7b1a-7c3e-9d2a-5f4b8c6d7e8f";
    let mut batch = valid("BatchCreateOrders", &order);
    put(&mut batch, "requests[0].order_id", &Bad::Text(id.to_owned()));
    put(&mut batch, "requests[1].order_id", &Bad::Text(id.to_uppercase()));
    let answer = raw_call(&service.channel(), "BatchCreateOrders", batch.encode_to_vec()).await;
    assert_eq!(refusal(answer).bad_fields(), ["requests[1].order_id"]);
}

#[tokio::test]
async fn sums_that_overflow() {
    let service = Service::start().await;
    let dearest = 1_000_000_000_000_000;
    let orders = [
        Order { lines: vec![line("A", 2, dearest)], ..draft() },
        Order { lines: vec![line("A", 1_000_000, dearest); 500], ..draft() },
        Order { lines: vec![line("A", 1, dearest), line("B", 1, 1)], ..draft() },
        Order { lines: vec![line("A", 1, dearest)], shipping_lines: full().shipping_lines, ..draft() },
    ];
    for order in orders {
        let refusal = refusal(service.client().create_order(create(order)).await);
        assert_eq!((refusal.code, refusal.reason.as_str()), (Code::InvalidArgument, "MONEY_OUT_OF_RANGE"));
        assert_eq!(refusal.bad_fields(), ["order"]);
    }
}

#[tokio::test]
async fn what_only_looks_strange_is_accepted() {
    let service = Service::start().await;
    let mut order = full();
    order.customer_id = "'; DROP TABLE orders; --".replace(' ', "\u{200b}");
    order.tags = vec!["🫖".to_owned(), "%s{}\\".to_owned()];
    order.metadata = [("$1".to_owned(), "{\"a\":\t[null]}\n\u{202e}".to_owned())].into();
    order.contact.as_mut().unwrap().name = "  Ζωή \u{1f9d1}\u{200d}\u{1f680}  ".to_owned();
    let created =
        ok(service.client().create_order(CreateOrderRequest { place: true, ..create(order.clone()) }).await);
    assert_eq!((created.customer_id, created.contact), (order.customer_id, order.contact));
    assert_eq!((created.metadata, created.tags.len()), (order.metadata, 2));
}
