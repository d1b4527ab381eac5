//! CreateOrder and DeleteOrder.

use std::time::{SystemTime, UNIX_EPOCH};

use orders_proto::orders::v1::{
    AdjustmentScope, CreateOrderRequest, DeleteOrderRequest, FulfillmentState, Order, OrderLine, OrderState,
    PaymentState,
};
use tonic::Code;

use super::micros;
use crate::support::{
    Service, create, draft, eur, full, line, metadata, ok, order_id, published, refusal, uuid_of,
};

#[tokio::test]
async fn a_draft_is_answered_whole() {
    let service = Service::start().await;
    let sent = full();
    let response = service.client().create_order(create(sent.clone())).await.unwrap();
    let token = metadata(&response, "order-consistency-token").unwrap().to_owned();
    assert_eq!(metadata(&response, "idempotent-replay"), None);
    let order = response.into_inner();

    assert!(!token.is_empty());
    assert_eq!(order.consistency_token, token);
    assert_eq!(uuid_of(&order).get_version_num(), 7);
    assert_eq!((order.version, order.etag.as_str(), order.order_number.as_str()), (1, "W/\"1\"", ""));
    assert_eq!(order.state(), OrderState::Draft);
    assert_eq!(order.payment_state(), PaymentState::Unpaid);
    assert_eq!(order.fulfillment_state(), FulfillmentState::Unfulfilled);
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap();
    assert!((0..10_000_000).contains(&(now - micros(order.create_time))));
    assert_eq!(order.update_time, order.create_time);
    assert_eq!([order.place_time, order.confirm_time, order.complete_time, order.cancel_time], [None; 4]);

    assert_eq!(order.channel, sent.channel);
    assert_eq!(order.customer_id, sent.customer_id);
    assert_eq!(order.external_reference, sent.external_reference);
    assert_eq!(order.purchase_order_number, sent.purchase_order_number);
    assert_eq!(order.contact, sent.contact);
    assert_eq!(order.billing_address, sent.billing_address);
    assert_eq!(order.shipping_address, sent.shipping_address);
    assert_eq!(order.tags, sent.tags);
    assert_eq!(order.metadata, sent.metadata);
    assert_eq!(order.currency_code, "EUR");
    assert_eq!(order.shipping_lines, sent.shipping_lines);
    assert!(order.payments.is_empty() && order.shipments.is_empty());
}

#[tokio::test]
async fn lines_adjustments_and_totals() {
    let service = Service::start().await;
    let order = service.created(full()).await;
    let mugs = &order.lines[0];
    assert_eq!((mugs.line_id, mugs.sku.as_str(), mugs.title.as_str(), mugs.quantity), (1, "MUG", "Mug", 2));
    assert_eq!((mugs.unit_price.clone(), mugs.tax_amount.clone()), (Some(eur(12_50)), Some(eur(4_75))));
    assert_eq!((mugs.requires_shipping, mugs.subtotal.clone()), (Some(true), Some(eur(25_00))));
    let quantities = mugs.quantities.unwrap();
    assert_eq!((quantities.ordered, quantities.open, quantities.cancelled), (2, 2, 0));
    let card = &order.lines[1];
    assert_eq!(
        (card.line_id, card.requires_shipping, card.tax_amount.clone()),
        (2, Some(false), Some(eur(0)))
    );

    let adjustments: Vec<_> =
        order.adjustments.iter().map(|a| (a.adjustment_id, a.scope(), a.line_id)).collect();
    let scopes = [AdjustmentScope::Order, AdjustmentScope::Line, AdjustmentScope::Shipping];
    assert_eq!(adjustments, [(1, scopes[0], 0), (2, scopes[1], 1), (3, scopes[2], 0)]);
    assert!(order.adjustments.iter().all(|adjustment| adjustment.allocations.is_empty()), "not placed yet");

    let totals = order.totals.unwrap();
    assert_eq!(totals.subtotal, Some(eur(33_00)));
    assert_eq!(totals.discount, Some(eur(5_00)));
    assert_eq!(totals.surcharge, Some(eur(1_00)));
    assert_eq!(totals.shipping, Some(eur(5_00)));
    assert_eq!(totals.tax, Some(eur(5_70)));
    assert_eq!(totals.total, Some(eur(39_70)));
    assert_eq!(order.balance, Some(eur(39_70)));
}

#[tokio::test]
async fn what_is_left_out_has_its_default() {
    let service = Service::start().await;
    let bare = Order { currency_code: "JPY".to_owned(), ..Order::default() };
    let order = service.created(bare).await;
    assert_eq!((order.contact.clone(), order.shipping_address.clone(), order.lines.len()), (None, None, 0));
    assert_eq!(order.payment_state(), PaymentState::NotRequired);
    assert_eq!(order.fulfillment_state(), FulfillmentState::NotRequired);
    assert_eq!(order.totals.unwrap().total.unwrap().currency_code, "JPY");

    let order = service.created(draft()).await;
    assert_eq!(order.lines[0].requires_shipping, Some(true));
    assert_eq!(order.lines[0].tax_amount, Some(eur(0)));
}

#[tokio::test]
async fn output_only_fields_are_ignored() {
    let service = Service::start().await;
    let other = service.completed().await;
    let quantities = other.lines[0].quantities;
    let noise = Order {
        currency_code: "EUR".to_owned(),
        lines: vec![OrderLine { line_id: 77, quantities, subtotal: Some(eur(1)), ..line("MUG", 2, 12_50) }],
        ..other.clone()
    };
    let order = service.created(noise).await;
    assert_ne!(order.name, other.name);
    assert_eq!((order.state(), order.version, order.order_number.as_str()), (OrderState::Draft, 1, ""));
    assert_eq!(order.payment_state(), PaymentState::Unpaid);
    assert_eq!((order.lines[0].line_id, order.lines[0].quantities.unwrap().shipped), (1, 0));
    assert_eq!(order.lines[0].subtotal, Some(eur(25_00)));
    assert!(order.payments.is_empty() && order.shipments.is_empty() && order.complete_time.is_none());
}

#[tokio::test]
async fn the_caller_may_choose_the_id() {
    let service = Service::start().await;
    let id = order_id();
    let request = CreateOrderRequest { order_id: id.to_uppercase(), ..create(draft()) };
    assert_eq!(ok(service.client().create_order(request).await).name, format!("orders/{id}"));
}

#[tokio::test]
async fn an_order_can_be_placed_as_it_is_created() {
    let service = Service::start().await;
    let request = CreateOrderRequest { place: true, expected_total: Some(eur(33_00)), ..create(draft()) };
    let order = ok(service.client().create_order(request).await);
    assert_eq!((order.state(), order.version), (OrderState::Placed, 1), "one commit");
    assert!(order.order_number.starts_with("ORD-"), "{}", order.order_number);
    assert_eq!((order.place_time, order.update_time), (order.create_time, order.create_time));
    let sql = service.sql().await;
    assert_eq!(sql.count("order_history").await, 1);

    let expected = CreateOrderRequest { expected_total: Some(eur(33_00)), ..create(draft()) };
    assert_eq!(ok(service.client().create_order(expected).await).state(), OrderState::Draft);
}

#[tokio::test]
async fn validate_only_answers_what_would_be() {
    let service = Service::start().await;
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let request = CreateOrderRequest { place: true, order_id: order_id(), ..create(full()) };
    let trial = CreateOrderRequest { validate_only: true, ..request.clone() };
    let response = service.client().create_order(trial).await.unwrap();
    assert_eq!(metadata(&response, "order-consistency-token"), None, "nothing was committed");
    let tried = response.into_inner();
    assert_eq!(tried.consistency_token, "");
    assert_eq!(sql.fingerprint().await, before);

    let created = published(ok(service.client().create_order(request).await));
    let timeless = |order: Order| Order {
        order_number: String::new(),
        create_time: None,
        update_time: None,
        place_time: None,
        ..order
    };
    assert_eq!(timeless(tried), timeless(created));
}

#[tokio::test]
async fn a_deleted_draft_is_gone_and_leaves_its_history() {
    let service = Service::start().await;
    let draft = service.created(full()).await;
    let request = DeleteOrderRequest {
        name: draft.name.clone(),
        etag: draft.etag.clone(),
        ..DeleteOrderRequest::default()
    };
    let trial = DeleteOrderRequest { validate_only: true, ..request.clone() };
    ok(service.client().delete_order(trial).await);
    let response = service.client().delete_order(request.clone()).await.unwrap();
    assert!(!metadata(&response, "order-consistency-token").unwrap().is_empty());

    let sql = service.sql().await;
    for table in ["orders", "order_lines", "order_adjustments"] {
        assert_eq!(sql.count(table).await, 0, "{table}");
    }
    assert_eq!(sql.number("SELECT sum(version)::bigint FROM order_history").await, 3, "versions 1 and 2");
    assert_eq!(refusal(service.client().delete_order(request).await).code, Code::NotFound);
}

#[tokio::test]
async fn everything_at_its_limit_is_accepted() {
    let service = Service::start().await;
    let long = |characters: usize| "ä".repeat(characters);
    let mut order = full();
    order.channel = long(64);
    order.customer_id = long(128);
    order.purchase_order_number = long(64);
    order.contact.as_mut().unwrap().email = format!("{}@{}", long(127), long(126));
    order.tags = (0..20).map(|n| format!("{n:02}{}", long(62))).collect();
    order.metadata = (0..50).map(|n| (format!("{n:02}{}", long(62)), long(512))).collect();
    order.billing_address.as_mut().unwrap().address_lines = vec![long(200); 5];
    order.lines = vec![OrderLine { title: "t".repeat(256), ..line(&"s".repeat(64), 1_000_000, 2) }; 500];
    order.adjustments = vec![order.adjustments[0].clone(); 100];
    order.shipping_lines = vec![order.shipping_lines[0].clone(); 20];
    let created = service.created(order.clone()).await;
    assert_eq!(created.metadata, order.metadata);
    assert_eq!(created.tags, order.tags);
    assert_eq!(created.billing_address, order.billing_address);
    assert_eq!(
        (created.lines.len(), created.adjustments.len(), created.shipping_lines.len()),
        (500, 100, 20)
    );
    assert_eq!(created.totals.unwrap().subtotal, Some(eur(1_000_000_000)));

    let priciest = Order { lines: vec![line("YACHT", 1, 1_000_000_000_000_000)], ..draft() };
    assert_eq!(service.created(priciest).await.balance, Some(eur(1_000_000_000_000_000)));
}
