//! The tenant who has something to hide.

use orders_proto::orders::v1::{
    AggregateOrdersRequest, ConfirmOrderRequest, CreateOrderRequest, CreateShipmentRequest,
    DeleteOrderRequest, ExternalReference, LineUnits, ListOrderHistoryRequest, ListOrdersRequest, Order,
    PaymentTransactionKind, PaymentTransactionState, RecordPaymentTransactionRequest, ReportedTransaction,
    SearchOrdersRequest, WatchOrdersRequest,
};

use super::{SECRET, of_tenant};
use crate::support::{Commands, Queries, System, cart, money, request_id};

/// The orders of the tenant `acme`, and all that they can be named by.
pub(super) struct Acme {
    pub(super) commands: Commands,
    /// Confirmed, with a payment and a shipment; a draft; a draft that was deleted.
    pub(super) orders: [Order; 3],
    /// The ids of requests that were carried out.
    pub(super) request_ids: Vec<String>,
    pub(super) consistency_token: String,
    pub(super) list_token: String,
    pub(super) search_token: String,
    pub(super) history_token: String,
    pub(super) resume_token: String,
}

/// What orders of any tenant can have in common.
pub(super) fn reference() -> ExternalReference {
    ExternalReference { source: "shop".to_owned(), id: "order-1".to_owned() }
}

impl Acme {
    pub(super) async fn settle(system: &System) -> Self {
        let (mut commands, mut queries) = (system.commands().await, system.queries().await);
        let mut request_ids = vec![];
        let mut id = || {
            request_ids.push(request_id());
            request_ids.last().cloned().unwrap()
        };
        let draft = order(None);
        let placed = create(&mut commands, order(Some(reference())), true, id()).await;
        let request =
            ConfirmOrderRequest { name: placed.name.clone(), request_id: id(), ..Default::default() };
        commands.confirm_order(of_tenant("acme", request)).await.unwrap();
        let request = CreateShipmentRequest {
            name: placed.name.clone(),
            items: vec![LineUnits { line_id: 1, quantity: 1 }],
            carrier: SECRET.to_owned(),
            tracking_number: "track-1".to_owned(),
            request_id: id(),
            ..Default::default()
        };
        commands.create_shipment(of_tenant("acme", request)).await.unwrap();
        let request = RecordPaymentTransactionRequest { request_id: id(), ..payment(&placed.name) };
        let paid =
            commands.record_payment_transaction(of_tenant("acme", request)).await.unwrap().into_inner();
        let kept = create(&mut commands, draft.clone(), false, id()).await;
        let deleted = create(&mut commands, draft, false, id()).await;
        let request =
            DeleteOrderRequest { name: deleted.name.clone(), request_id: id(), ..Default::default() };
        let gone = commands.delete_order(of_tenant("acme", request)).await.unwrap();
        let token = gone.metadata().get("order-consistency-token").unwrap().to_str().unwrap().to_owned();
        Self {
            list_token: list_token(&mut queries, &token).await,
            search_token: search_token(&mut queries, &token).await,
            history_token: history_token(&mut queries, &paid.name, &token).await,
            resume_token: resume_token(&mut queries).await,
            commands,
            orders: [paid, kept, deleted],
            request_ids,
            consistency_token: token,
        }
    }
}

/// A report on a payment that any tenant can have.
pub(super) fn payment(order: &str) -> RecordPaymentTransactionRequest {
    let transaction = ReportedTransaction {
        kind: PaymentTransactionKind::Capture.into(),
        state: PaymentTransactionState::Succeeded.into(),
        amount: money("EUR", 1_000),
        provider_reference: "capture-1".to_owned(),
        ..Default::default()
    };
    RecordPaymentTransactionRequest {
        name: order.to_owned(),
        provider: "till".to_owned(),
        provider_reference: "payment-1".to_owned(),
        transaction: Some(transaction),
        ..Default::default()
    }
}

fn order(external_reference: Option<ExternalReference>) -> Order {
    let mut order = Order { customer_id: SECRET.to_owned(), tags: vec![SECRET.to_owned()], ..cart() };
    order.external_reference = external_reference;
    for line in &mut order.lines {
        line.title = SECRET.to_owned();
    }
    order
}

async fn create(commands: &mut Commands, order: Order, place: bool, request_id: String) -> Order {
    let request = CreateOrderRequest { order: Some(order), place, request_id, ..Default::default() };
    commands.create_order(of_tenant("acme", request)).await.unwrap().into_inner()
}

async fn list_token(queries: &mut Queries, token: &str) -> String {
    let request =
        ListOrdersRequest { page_size: 1, consistency_token: token.to_owned(), ..Default::default() };
    let page = queries.list_orders(of_tenant("acme", request)).await.unwrap().into_inner();
    filled(page.next_page_token)
}

/// Asked with the last token, so that what is computed from orders has come to rest.
async fn search_token(queries: &mut Queries, token: &str) -> String {
    let consistency_token = token.to_owned();
    let counted = AggregateOrdersRequest { consistency_token: token.to_owned(), ..Default::default() };
    queries.aggregate_orders(of_tenant("acme", counted)).await.unwrap();
    let request = SearchOrdersRequest {
        query: SECRET.to_owned(),
        page_size: 1,
        consistency_token,
        ..Default::default()
    };
    let page = queries.search_orders(of_tenant("acme", request)).await.unwrap().into_inner();
    filled(page.next_page_token)
}

async fn history_token(queries: &mut Queries, name: &str, token: &str) -> String {
    let request = ListOrderHistoryRequest {
        name: name.to_owned(),
        page_size: 1,
        consistency_token: token.to_owned(),
        ..Default::default()
    };
    let page = queries.list_order_history(of_tenant("acme", request)).await.unwrap().into_inner();
    filled(page.next_page_token)
}

async fn resume_token(queries: &mut Queries) -> String {
    let request = WatchOrdersRequest { include_initial: true, ..Default::default() };
    let mut watch = queries.watch_orders(of_tenant("acme", request)).await.unwrap().into_inner();
    filled(watch.message().await.unwrap().unwrap().resume_token)
}

fn filled(token: String) -> String {
    assert!(!token.is_empty());
    token
}
