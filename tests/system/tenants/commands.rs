//! What a stranger tells command-service.

use orders_proto::orders::v1::{
    AddOrderNoteRequest, AmendOrderRequest, BatchCreateOrdersRequest, CancelOrderRequest, CancelReason,
    CancelShipmentRequest, CompleteOrderRequest, ConfirmOrderRequest, CreateOrderRequest,
    CreateShipmentRequest, DeleteOrderRequest, DeliverShipmentRequest, FailShipmentRequest, HoldOrderRequest,
    ImportOrdersRequest, LineUnits, NoteVisibility, Order, OrderChange, PlaceOrderRequest,
    ReleaseOrderRequest, SetLineQuantity, ShipShipmentRequest, ShipmentFailureReason, UpdateOrderRequest,
    order_change::Change,
};
use prost::Message;
use prost_types::FieldMask;

use super::{
    acme::{Acme, payment, reference},
    of_tenant,
    stranger::Stranger,
};
use crate::support::cart;

/// Tries every command that names an order on those of the other tenant, with new request ids and with ids that were used for them.
pub(super) async fn on_orders(stranger: &mut Stranger, acme: &Acme) {
    for order in &acme.orders {
        for request_id in [""].into_iter().chain(acme.request_ids.iter().map(String::as_str)) {
            for etag in ["", &order.etag] {
                on_order(stranger, &order.name, request_id, etag).await;
            }
        }
    }
}

async fn on_order(stranger: &mut Stranger, name: &str, request_id: &str, etag: &str) {
    macro_rules! refused {
        ($method:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {{
            const PATH: &str = concat!("/orders.v1.OrderCommandService/", stringify!($method));
            let request = $request {
                $($field: $value,)*
                request_id: request_id.to_owned(),
                etag: etag.to_owned(),
                ..Default::default()
            };
            stranger.refused(PATH, &request).await;
        }};
    }
    let name = || name.to_owned();
    let items = || vec![LineUnits { line_id: 1, quantity: 1 }];
    let set = Change::SetQuantity(SetLineQuantity { line_id: 1, quantity: 3, tax_amount: None });
    let order = Order { name: name(), tags: vec!["mine".to_owned()], ..Default::default() };
    let mask = FieldMask { paths: vec!["tags".to_owned()] };
    refused!(UpdateOrder, UpdateOrderRequest { order: Some(order), update_mask: Some(mask) });
    refused!(
        AmendOrder,
        AmendOrderRequest { name: name(), changes: vec![OrderChange { change: Some(set) }] }
    );
    refused!(PlaceOrder, PlaceOrderRequest { name: name() });
    refused!(ConfirmOrder, ConfirmOrderRequest { name: name() });
    refused!(HoldOrder, HoldOrderRequest { name: name(), reason: "mine".to_owned() });
    refused!(ReleaseOrder, ReleaseOrderRequest { name: name() });
    refused!(
        CompleteOrder,
        CompleteOrderRequest { name: name(), payment_override_reason: "mine".to_owned() }
    );
    let reason = CancelReason::CustomerRequest.into();
    refused!(
        CancelOrder,
        CancelOrderRequest { name: name(), reason: reason, cancel_pending_shipments: true }
    );
    refused!(DeleteOrder, DeleteOrderRequest { name: name() });
    let visibility = NoteVisibility::Internal.into();
    refused!(
        AddOrderNote,
        AddOrderNoteRequest { name: name(), text: "mine".to_owned(), visibility: visibility }
    );
    refused!(CreateShipment, CreateShipmentRequest { name: name(), items: items() });
    refused!(ShipShipment, ShipShipmentRequest { name: name(), shipment_id: 1 });
    refused!(DeliverShipment, DeliverShipmentRequest { name: name(), shipment_id: 1 });
    let reason = ShipmentFailureReason::Lost.into();
    refused!(FailShipment, FailShipmentRequest { name: name(), shipment_id: 1, reason: reason });
    refused!(CancelShipment, CancelShipmentRequest { name: name(), shipment_id: 1 });
    let mut report = payment(&name());
    (report.request_id, report.etag) = (request_id.to_owned(), etag.to_owned());
    stranger.refused("/orders.v1.OrderCommandService/RecordPaymentTransaction", &report).await;
}

/// Creates orders under ids, references and request ids that the other tenant has used: they are free for everybody else.
pub(super) async fn with_ids_that_are_taken(stranger: &mut Stranger, acme: &Acme) {
    let mut request = CreateOrderRequest {
        order: Some(Order { external_reference: Some(reference()), ..cart() }),
        place: true,
        request_id: acme.request_ids[0].clone(),
        ..Default::default()
    };
    request.order_id = id(&acme.orders[0]);
    let created = stranger.call("/orders.v1.OrderCommandService/CreateOrder", &request).await.unwrap();
    let created = Order::decode(created).unwrap();
    assert_eq!((created.name.as_str(), created.version), (acme.orders[0].name.as_str(), 1));

    let order_id = id(&acme.orders[1]);
    let requests = vec![CreateOrderRequest { order: Some(cart()), order_id, ..Default::default() }];
    let request_id = acme.request_ids[1].clone();
    let batch = BatchCreateOrdersRequest { requests, request_id, ..Default::default() };
    stranger.call("/orders.v1.OrderCommandService/BatchCreateOrders", &batch).await.unwrap();

    let (order_id, request_id) = (id(&acme.orders[2]), acme.request_ids[2].clone());
    let request = CreateOrderRequest { order: Some(cart()), order_id, request_id, ..Default::default() };
    let messages = tokio_stream::iter([ImportOrdersRequest { request: Some(request) }]);
    let results = stranger.commands.import_orders(of_tenant("globex", messages)).await.unwrap().into_inner();
    assert_eq!(results.results.len(), 1);
    stranger.note_answer("/orders.v1.OrderCommandService/ImportOrders", &results.encode_to_vec());
}

fn id(order: &Order) -> String {
    order.name["orders/".len()..].to_owned()
}
