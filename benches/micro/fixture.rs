//! The command side over a repository in memory, with one placed order in it.

use std::{collections::BTreeSet, sync::Arc};

use command_application::{
    Answer, ChangeSet, Commands, Committed, Loaded, OrderRepository, PublishedOrder, RepositoryError,
};
use command_infrastructure::{
    SystemClock, UuidV7Generator, api::OrderCommandApi, memory::MemoryOrderRepository,
};
use orders_proto::{
    orders::v1::{CreateOrderRequest, HoldOrderRequest, Order},
    servers::order_command_service_server::OrderCommandService,
};
use prost::Message;
use shared_domain::{
    Actor, ActorKind, Caller, NewLine, NewOrder, OrderId, OrderNumber, OrderSnapshot, Quantity, Reason,
    TenantId, Timestamp,
};
use tokio::runtime::{Builder, Runtime};
use tonic::Request;
use uuid::Uuid;

use super::order::order;

/// Everything that the steps need.
pub(crate) struct Fixture {
    /// Runs what is async; nothing here ever waits.
    pub(crate) runtime: Runtime,
    /// The API.
    pub(crate) api: OrderCommandApi<Shared>,
    /// The order in the repository.
    pub(crate) placed: OrderSnapshot,
    /// When everything happens.
    pub(crate) now: Timestamp,
    repository: Arc<MemoryOrderRepository>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let repository = Arc::new(MemoryOrderRepository::new());
        let commands = Commands::new(Shared(Arc::clone(&repository)), SystemClock, UuidV7Generator);
        let api = OrderCommandApi::new(commands);
        let create = api.create_order(authenticated(Self::create_request(false)));
        let created = runtime.block_on(create).expect("the order is fine").into_inner();
        let created = Order::decode(created.encode_to_vec().as_slice()).expect("an order");
        let id = created.name.trim_start_matches("orders/").parse().expect("a UUID");
        let tenant = tenant();
        let load = repository.load(&tenant, OrderId::referring(id), None);
        let loaded = runtime.block_on(load).expect("it was stored").order.expect("it was stored");
        let placed = loaded.snapshot().clone();
        let now = placed.times.update;
        Self { runtime, api, placed, now, repository }
    }

    /// The request to place the order.
    pub(crate) fn create_request(validate_only: bool) -> CreateOrderRequest {
        CreateOrderRequest {
            order: Some(order("c-1000000".to_owned())),
            place: true,
            validate_only,
            request_id: "5f0c7d1e-58a4-4b0e-9d4c-0c6d8f0e6a11".to_owned(),
            ..CreateOrderRequest::default()
        }
    }

    /// The request to try out what holding the order would do.
    pub(crate) fn hold_request(&self) -> HoldOrderRequest {
        HoldOrderRequest {
            name: format!("orders/{}", self.placed.id),
            reason: "Address looks odd".to_owned(),
            validate_only: true,
            ..HoldOrderRequest::default()
        }
    }

    /// A request as it comes out of the authentication.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        authenticated(message)
    }

    /// Why the order is held.
    pub(crate) fn reason(&self) -> Reason {
        Reason::new("Address looks odd").expect("a reason")
    }

    /// The draft that the order was made from.
    pub(crate) fn new_order(&self) -> NewOrder {
        let order = self.placed.clone();
        let lines = order.lines.into_iter().map(|line| NewLine {
            sku: line.sku,
            title: line.title,
            requires_shipping: line.requires_shipping,
            quantity: Quantity::new(line.ordered).expect("it was stored"),
            unit_price: line.unit_price,
            tax_amount: Some(line.tax_amount),
        });
        NewOrder {
            channel: order.channel,
            customer_id: order.customer_id,
            external_reference: order.external_reference,
            details: order.details,
            shipping_address: order.shipping_address,
            currency: order.currency,
            lines: lines.collect(),
            adjustments: Vec::new(),
            shipping_lines: order.shipping_lines,
        }
    }

    /// The published state of an order.
    pub(crate) fn publish(&self, order: &OrderSnapshot) -> Vec<u8> {
        self.repository.publish(order).0
    }
}

fn tenant() -> TenantId {
    TenantId::new("default").expect("a tenant")
}

fn authenticated<T>(message: T) -> Request<T> {
    let actor = Actor { kind: ActorKind::User, subject: "ada".to_owned() };
    let mut request = Request::new(message);
    request.extensions_mut().insert(Caller {
        tenant: tenant(),
        actor,
        scopes: BTreeSet::from(["*".to_owned()]),
    });
    request
}

/// A repository that is looked into while the API has it.
pub(crate) struct Shared(Arc<MemoryOrderRepository>);

impl OrderRepository for Shared {
    async fn load(
        &self,
        tenant: &TenantId,
        order: OrderId,
        request: Option<Uuid>,
    ) -> Result<Loaded, RepositoryError> {
        self.0.load(tenant, order, request).await
    }

    async fn answers(&self, tenant: &TenantId, request: Uuid) -> Result<Vec<Answer>, RepositoryError> {
        self.0.answers(tenant, request).await
    }

    async fn commit(&self, changes: Vec<ChangeSet>) -> Result<Vec<Committed>, RepositoryError> {
        self.0.commit(changes).await
    }

    async fn check_creation(&self, change: &ChangeSet) -> Result<(), RepositoryError> {
        self.0.check_creation(change).await
    }

    async fn next_order_number(&self) -> Result<OrderNumber, RepositoryError> {
        self.0.next_order_number().await
    }

    fn publish(&self, order: &OrderSnapshot) -> PublishedOrder {
        self.0.publish(order)
    }
}
