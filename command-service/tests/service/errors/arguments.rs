//! Bad arguments; `bad_input` has them all.

use orders_proto::orders::v1::Order;

use crate::support::{Refusal, Service, create, draft, line, refusal, tagged};

pub(super) async fn invalid_field() -> Refusal {
    let service = Service::start().await;
    let order = Order { lines: vec![line("a b", 0, 1)], ..draft() };
    let refusal = refusal(service.client().create_order(create(order)).await);
    assert_eq!(refusal.bad_fields(), ["order.lines[0].quantity", "order.lines[0].sku"]);
    refusal
}

pub(super) async fn too_many_lines() -> Refusal {
    let service = Service::start().await;
    // 300 lines and 201 more: each request is well-formed, together they are too many.
    let order = service.created(Order { lines: vec![line("A", 1, 1); 300], ..draft() }).await;
    let add = |_| orders_proto::orders::v1::order_change::Change::AddLine(line("B", 1, 1));
    let amend = |count: usize| crate::support::amend(&order, (0..count).map(add).collect());
    let refusal = refusal(service.client().amend_order(amend(201)).await);
    assert_eq!(refusal.bad_fields(), ["lines"]);
    assert_eq!(crate::support::ok(service.client().amend_order(amend(200)).await).lines.len(), 500);
    refusal
}

pub(super) async fn invalid_field_mask() -> Refusal {
    let service = Service::start().await;
    let order = service.drafted().await;
    let mut request = tagged(&order, &["a"]);
    request.update_mask.as_mut().unwrap().paths.push("state".to_owned());
    let refusal = refusal(service.client().update_order(request).await);
    assert_eq!(refusal.bad_fields(), ["update_mask"]);
    assert!(refusal.message.contains("\"state\""), "{}", refusal.message);
    refusal
}
