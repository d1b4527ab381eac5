//! A service with a database of its own, orders to put into it, and calls.

mod database;
mod orders;
mod refusal;

use clap::Parser;
use local_stack::TestDatabase;
use orders_proto::orders::v1::{
    ListOrdersRequest, ListOrdersResponse, Order, OrderEvent,
    order_query_service_client::OrderQueryServiceClient,
};
use query_service::{App, Cli, Command};
use tonic::{
    Request, Status,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

use database::Database;
pub(crate) use orders::{at, changed, draft, euros, micros, order};
pub(crate) use refusal::{fields, reason, refusal};

/// A client that calls for one tenant.
pub(crate) type Client = OrderQueryServiceClient<InterceptedService<Channel, AsTenant>>;

/// Names the tenant in each call.
#[derive(Clone)]
pub(crate) struct AsTenant(&'static str);

impl Interceptor for AsTenant {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("x-tenant-id", MetadataValue::from_static(self.0));
        Ok(request)
    }
}

/// The tenant whose orders the tests are about.
pub(crate) const TENANT: &str = "acme";

/// A running service.
pub(crate) struct Service {
    channel: Channel,
    rows: Database,
    database: Option<TestDatabase>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let database = database::migrated().await;
        let arguments =
            ["query-service", "serve", "--listen-address=127.0.0.1:0", "--database-url", database.url()];
        let Command::Serve(config) = Cli::parse_from(arguments).command;
        let app = App::bind(&config).await.unwrap();
        let channel = Channel::from_shared(format!("http://{}", app.address())).unwrap().connect_lazy();
        tokio::spawn(app.run(std::future::pending()));
        Self { channel, rows: Database::open(database.url()).await, database: Some(database) }
    }

    /// Drops the database under the running service, soon after this returns.
    pub(crate) fn lose_database(&mut self) {
        self.database = None;
    }

    /// A client of the tenant [`TENANT`].
    pub(crate) fn client(&self) -> Client {
        self.client_of(TENANT)
    }

    pub(crate) fn client_of(&self, tenant: &'static str) -> Client {
        OrderQueryServiceClient::with_interceptor(self.channel.clone(), AsTenant(tenant))
    }

    /// Runs statements on the connection of the test.
    pub(crate) async fn execute(&self, statements: &str) {
        self.rows.execute(statements).await;
    }

    /// How many connections of the service are at a statement.
    pub(crate) async fn busy_connections(&self) -> i64 {
        self.rows.busy_connections("query-service").await
    }

    /// Stores an order as the commit that made its version.
    pub(crate) async fn commit(&self, order: &Order) {
        self.rows.commit(TENANT, order, Vec::new()).await;
    }

    pub(crate) async fn commit_all(&self, orders: &[Order]) {
        for order in orders {
            self.commit(order).await;
        }
    }

    pub(crate) async fn commit_with(&self, order: &Order, events: Vec<OrderEvent>) {
        self.rows.commit(TENANT, order, events).await;
    }

    pub(crate) async fn commit_of(&self, tenant: &str, order: &Order) {
        self.rows.commit(tenant, order, Vec::new()).await;
    }

    /// Deletes a draft, in the version after `order`.
    pub(crate) async fn delete(&self, order: &Order) {
        self.rows.delete(TENANT, order).await;
    }

    /// One page of a list.
    pub(crate) async fn list(&self, request: ListOrdersRequest) -> ListOrdersResponse {
        self.client().list_orders(request).await.unwrap().into_inner()
    }

    /// All pages of a list, and the number of orders on each.
    pub(crate) async fn list_all(&self, mut request: ListOrdersRequest) -> (Vec<Order>, Vec<usize>) {
        let (mut orders, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let page = self.list(request.clone()).await;
            sizes.push(page.orders.len());
            orders.extend(page.orders);
            if page.next_page_token.is_empty() {
                return (orders, sizes);
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// The names of orders, in their order.
pub(crate) fn names(orders: &[Order]) -> Vec<&str> {
    orders.iter().map(|order| order.name.as_str()).collect()
}
