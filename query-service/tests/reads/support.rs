//! A service with a database of its own, orders to put into it, and calls.

mod cluster;
mod database;
mod orders;
mod read;
mod refusal;

use clap::Parser;
use local_stack::{Role, TestDatabase};
use orders_proto::orders::v1::{
    ListOrdersRequest, ListOrdersResponse, Order, OrderEvent,
    order_query_service_client::OrderQueryServiceClient,
};
use query_service::{App, Cli, Command};
use shared_domain::OrderId;
use shared_infrastructure::{database::TransactionId, tokens::ConsistencyToken};
use tokio::sync::oneshot::{self, Sender};
use tonic::{
    Request, Status,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

pub(crate) use cluster::Cluster;
use database::Database;
pub(crate) use database::migrate;
pub(crate) use orders::{at, changed, draft, euros, micros, order};
pub(crate) use read::{READS, Read};
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
    endpoint: Endpoint,
    channel: Channel,
    rows: Database,
    database: Option<TestDatabase>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With further arguments.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let database = database::migrated().await;
        let service = Self::over(&[database.url_of(Role::Reader)], database.url(), arguments).await;
        Self { database: Some(database), ..service }
    }

    /// A service that is told to stop by a message.
    pub(crate) async fn start_to_stop() -> (Self, Sender<()>) {
        let database = database::migrated().await;
        let (stop, stopped) = oneshot::channel();
        let reader = [database.url_of(Role::Reader)];
        let service = Self::serve(&reader, database.url(), &[], async { drop(stopped.await) }).await;
        (Self { database: Some(database), ..service }, stop)
    }

    /// A service that reads from these databases, with further arguments; the test writes to `primary`.
    pub(crate) async fn over(databases: &[String], primary: &str, arguments: &[&str]) -> Self {
        Self::serve(databases, primary, arguments, std::future::pending()).await
    }

    async fn serve(
        databases: &[String],
        primary: &str,
        arguments: &[&str],
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let databases = databases.join(",");
        let fixed = [
            "query-service",
            "serve",
            "--listen-address=127.0.0.1:0",
            "--ops-address=none",
            "--database-url",
            databases.as_str(),
        ];
        let Command::Serve(config) = Cli::parse_from(fixed.iter().chain(arguments)).command;
        let app = App::bind(&config).await.unwrap();
        let endpoint = Channel::from_shared(format!("http://{}", app.address())).unwrap();
        let channel = endpoint.connect_lazy();
        tokio::spawn(app.run(shutdown));
        Self { endpoint, channel, rows: Database::open(primary).await, database: None }
    }

    /// Drops the database under the running service, soon after this returns.
    pub(crate) fn lose_database(&mut self) {
        self.database = None;
    }

    /// A client of the tenant [`TENANT`].
    pub(crate) fn client(&self) -> Client {
        self.client_of(TENANT)
    }

    /// A client with a connection of its own.
    pub(crate) async fn another_client(&self) -> Client {
        let channel = self.endpoint.connect().await.unwrap();
        OrderQueryServiceClient::with_interceptor(channel, AsTenant(TENANT))
    }

    /// A client that takes in little before it is read from.
    pub(crate) async fn narrow_client(&self) -> Client {
        const WINDOW: u32 = 16 * 1024;
        let endpoint = self.endpoint.clone().initial_stream_window_size(WINDOW);
        OrderQueryServiceClient::with_interceptor(endpoint.connect().await.unwrap(), AsTenant(TENANT))
    }

    pub(crate) fn client_of(&self, tenant: &'static str) -> Client {
        OrderQueryServiceClient::with_interceptor(self.channel.clone(), AsTenant(tenant))
    }

    /// Runs statements on the connection of the test.
    pub(crate) async fn execute(&self, statements: &str) {
        self.rows.execute(statements).await;
    }

    /// How many statements have run in the database, as far as is known after a while.
    pub(crate) async fn statements(&self) -> i64 {
        self.rows.statements().await
    }

    /// The tables and views whose rows are tenants'.
    pub(crate) async fn relations_of_tenants(&self) -> Vec<String> {
        self.rows.relations_with("tenant_id").await
    }

    /// How many connections of the service are at a statement.
    pub(crate) async fn busy_connections(&self) -> i64 {
        self.rows.busy_connections("query-service").await
    }

    /// Stores an order as the commit that made its version.
    pub(crate) async fn commit(&self, order: &Order) {
        self.rows.commit(TENANT, order, Vec::new()).await;
    }

    pub(crate) async fn store_basic_view(&self, order: &Order) {
        self.rows.store_basic_view(TENANT, order).await;
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

    /// The token of the commit that made an order's version.
    pub(crate) async fn token(&self, order: &Order) -> String {
        let transaction = self.transaction(order).await;
        let id = OrderId::referring(order.name["orders/".len()..].parse().unwrap());
        let commit = Some((id, order.version));
        ConsistencyToken { transaction: TransactionId(transaction), commit }.sealed()
    }

    /// The transaction of that commit.
    pub(crate) async fn transaction(&self, order: &Order) -> u64 {
        self.rows.transaction(TENANT, order).await
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
