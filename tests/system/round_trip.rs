//! The story of the README: an order is placed, paid, sent, delivered and completed, and can be read in every way.

use orders_proto::orders::v1::{
    CompleteOrderRequest, ConfirmOrderRequest, CreateOrderRequest, CreateShipmentRequest,
    DeliverShipmentRequest, ExternalReference, FulfillmentState, GetOrderRequest, LineUnits,
    ListOrderHistoryRequest, ListOrdersRequest, LookupOrderRequest, Order, OrderState, OrderView,
    PaymentState, PaymentTransactionKind, PaymentTransactionState, ProviderReference,
    RecordPaymentTransactionRequest, ReportedTransaction, ShipShipmentRequest, get_order_request::At,
    lookup_order_request::Key, order_event::Event,
};
use tonic::Code;

use crate::support::{System, cart, money, reason, request_id};

/// Sends a command with a request id of its own, and answers with the order.
macro_rules! send {
    ($commands:ident.$rpc:ident, $request:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        let request = $request { $($field $(: $value)?,)* request_id: request_id(), ..Default::default() };
        $commands.$rpc(request).await.unwrap().into_inner()
    }};
}

fn states(order: &Order) -> (OrderState, PaymentState, FulfillmentState) {
    (order.state(), order.payment_state(), order.fulfillment_state())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_from_the_cart_to_completion_and_can_be_read_in_every_way() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    use {FulfillmentState as Fulfillment, OrderState as State, PaymentState as Payment};

    let reference = ExternalReference { source: "shop-eu".to_owned(), id: "A-1".to_owned() };
    let order = Some(Order { external_reference: Some(reference.clone()), ..cart() });
    let expected_total = money("EUR", 3_000);
    let order = send!(commands.create_order, CreateOrderRequest { order, place: true, expected_total });
    let name = order.name.clone();
    assert_eq!(states(&order), (State::Placed, Payment::Unpaid, Fulfillment::Unfulfilled));
    assert_eq!((order.version, &*order.etag), (1, "W/\"1\""));
    assert_eq!(order.totals.as_ref().unwrap().total, money("EUR", 3_000));
    assert!(!order.order_number.is_empty() && !order.consistency_token.is_empty());

    let order = send!(commands.confirm_order, ConfirmOrderRequest { name: name.clone() });
    assert_eq!(states(&order), (State::Confirmed, Payment::Unpaid, Fulfillment::Unfulfilled));

    let items = vec![LineUnits { line_id: 1, quantity: 2 }];
    send!(commands.create_shipment, CreateShipmentRequest { name: name.clone(), items });
    let (carrier, tracking_number) = ("dhl".to_owned(), "JD014600003".to_owned());
    let order = send!(
        commands.ship_shipment,
        ShipShipmentRequest { name: name.clone(), shipment_id: 1, carrier, tracking_number }
    );
    assert_eq!(states(&order), (State::Confirmed, Payment::Unpaid, Fulfillment::Shipped));

    let transaction = Some(ReportedTransaction {
        kind: PaymentTransactionKind::Capture.into(),
        state: PaymentTransactionState::Succeeded.into(),
        amount: money("EUR", 3_000),
        provider_reference: "ch_1".to_owned(),
        ..ReportedTransaction::default()
    });
    let (provider, provider_reference) = ("stripe".to_owned(), "pi_1".to_owned());
    let order = send!(
        commands.record_payment_transaction,
        RecordPaymentTransactionRequest { name: name.clone(), provider, provider_reference, transaction }
    );
    assert_eq!(states(&order), (State::Confirmed, Payment::Paid, Fulfillment::Shipped));
    assert_eq!(order.balance, money("EUR", 0));

    send!(commands.deliver_shipment, DeliverShipmentRequest { name: name.clone(), shipment_id: 1 });
    let order = send!(commands.complete_order, CompleteOrderRequest { name: name.clone() });
    assert_eq!(states(&order), (State::Completed, Payment::Paid, Fulfillment::Delivered));
    assert_eq!(order.version, 7);
    let order = Order { consistency_token: String::new(), ..order };

    let at = |at| GetOrderRequest { name: name.clone(), at, ..GetOrderRequest::default() };
    assert_eq!(queries.get_order(at(None)).await.unwrap().into_inner(), order);
    let first = queries.get_order(at(Some(At::Version(1)))).await.unwrap().into_inner();
    assert_eq!((first.version, first.state()), (1, State::Placed));
    let none = queries.get_order(at(Some(At::Version(8)))).await.unwrap_err();
    assert_eq!((none.code(), &*reason(&none)), (Code::NotFound, "VERSION_NOT_FOUND"));

    for key in [
        Key::OrderNumber(order.order_number.clone()),
        Key::ExternalReference(reference),
        Key::ProviderReference(ProviderReference {
            provider: "stripe".to_owned(),
            reference: "pi_1".to_owned(),
        }),
        Key::ProviderReference(ProviderReference {
            provider: "stripe".to_owned(),
            reference: "ch_1".to_owned(),
        }),
        Key::TrackingNumber("JD014600003".to_owned()),
    ] {
        let request = LookupOrderRequest { key: Some(key.clone()), ..LookupOrderRequest::default() };
        let found = queries.lookup_order(request).await.unwrap_or_else(|status| panic!("{key:?}: {status}"));
        assert_eq!(found.into_inner(), order, "{key:?}");
    }

    let list = |filter: &str, view: OrderView| ListOrdersRequest {
        filter: filter.to_owned(),
        view: view.into(),
        ..ListOrdersRequest::default()
    };
    let page = queries.list_orders(list("state = COMPLETED AND lines.sku:\"mug\"", OrderView::Full)).await;
    assert_eq!(page.unwrap().into_inner().orders, [order]);
    let page = queries.list_orders(list("state = DRAFT", OrderView::Basic)).await.unwrap().into_inner();
    assert_eq!((page.orders.len(), &*page.next_page_token), (0, ""));

    let request = ListOrderHistoryRequest { name: name.clone(), ..ListOrderHistoryRequest::default() };
    let entries = queries.list_order_history(request).await.unwrap().into_inner().entries;
    let versions: Vec<_> = entries.iter().map(|entry| entry.version).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7]);
    assert!(entries.iter().all(|entry| entry.order == name && !entry.request_id.is_empty()));
    let events = |entry: usize| -> Vec<_> {
        entries[entry].events.iter().map(|event| event.event.as_ref().unwrap()).collect()
    };
    assert!(matches!(events(0)[..], [Event::OrderCreated(_), Event::OrderPlaced(_)]));
    assert!(matches!(events(4)[..], [Event::PaymentAdded(_), Event::PaymentTransactionRecorded(_)]));
    assert!(matches!(events(6)[..], [Event::OrderCompleted(_)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_sees_and_changes_nothing() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let order = crate::support::placed(&mut commands).await;

    fn from_elsewhere<T>(message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("x-tenant-id", "elsewhere".parse().unwrap());
        request
    }
    let name = order.name.clone();
    let refused = [
        commands
            .confirm_order(from_elsewhere(ConfirmOrderRequest { name: name.clone(), ..Default::default() }))
            .await,
        queries
            .get_order(from_elsewhere(GetOrderRequest {
                name: name.clone(),
                at: None,
                ..GetOrderRequest::default()
            }))
            .await,
        queries
            .get_order(from_elsewhere(GetOrderRequest {
                name: name.clone(),
                at: Some(At::Version(1)),
                ..GetOrderRequest::default()
            }))
            .await,
        queries
            .lookup_order(from_elsewhere(LookupOrderRequest {
                key: Some(Key::OrderNumber(order.order_number.clone())),
                ..LookupOrderRequest::default()
            }))
            .await,
    ];
    for answer in refused {
        let status = answer.unwrap_err();
        assert_eq!((status.code(), &*reason(&status)), (Code::NotFound, "ORDER_NOT_FOUND"));
    }
    let page = queries.list_orders(from_elsewhere(ListOrdersRequest::default())).await.unwrap();
    assert_eq!(page.into_inner().orders, []);
    let history = ListOrderHistoryRequest { name: name.clone(), ..ListOrderHistoryRequest::default() };
    assert_eq!(queries.list_order_history(from_elsewhere(history)).await.unwrap_err().code(), Code::NotFound);

    let own =
        queries.get_order(GetOrderRequest { name, ..GetOrderRequest::default() }).await.unwrap().into_inner();
    assert_eq!((own.version, own.state()), (1, OrderState::Placed));
}
