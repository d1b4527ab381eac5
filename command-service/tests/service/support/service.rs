//! Running services, and clients of them.

use std::{net::SocketAddr, sync::Arc};

use command_service::{App, Cli, Command};
use local_stack::{Role, TestDatabase, TestPostgres};
use orders_proto::orders::v1::order_command_service_client::OrderCommandServiceClient;
use shared_infrastructure::{config::parse_from, database::migrations, start::StartError};
use tokio::task::JoinHandle;
use tonic::{
    Request, Status,
    metadata::AsciiMetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

use super::Sql;

/// A client that may call for a tenant other than the fixed one.
pub(crate) type Client = OrderCommandServiceClient<InterceptedService<Channel, AsTenant>>;

/// Names the tenant in each call, if there is one to name.
#[derive(Debug, Clone)]
pub(crate) struct AsTenant(Option<AsciiMetadataValue>);

impl Interceptor for AsTenant {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(tenant) = &self.0 {
            request.metadata_mut().insert("x-tenant-id", tenant.clone());
        }
        Ok(request)
    }
}

/// A running service. It ends with this value.
pub(crate) struct Service {
    address: SocketAddr,
    channel: Channel,
    running: JoinHandle<Result<(), StartError>>,
    // After the service that uses it.
    database: Arc<TestDatabase>,
}

impl Service {
    /// A service on a database of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A service on a database of its own, with more arguments.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let postgres = TestPostgres::shared().await.unwrap_or_else(|error| panic!("{error}"));
        let migrate = async |url: String| migrations::run_pending(&url.parse()?).await.map(drop);
        let template = postgres.template(migrate).await.unwrap_or_else(|error| panic!("{error}"));
        let database = Arc::new(template.database().await.unwrap());
        let url = database.url_of(Role::Writer);
        Self::on(database, &url, arguments).await
    }

    /// A second service on the same database.
    pub(crate) async fn twin(&self) -> Self {
        self.twin_by(&self.database.url_of(Role::Writer)).await
    }

    /// A second service on the same database, with more arguments.
    pub(crate) async fn twin_with(&self, arguments: &[&str]) -> Self {
        Self::on(Arc::clone(&self.database), self.database.url(), arguments).await
    }

    /// A second service on the same database, which it reaches by another URL.
    pub(crate) async fn twin_by(&self, url: &str) -> Self {
        Self::on(Arc::clone(&self.database), url, &[]).await
    }

    async fn on(database: Arc<TestDatabase>, url: &str, arguments: &[&str]) -> Self {
        let fixed = [
            "command-service",
            "serve",
            "--listen-address=127.0.0.1:0",
            "--ops-address=none",
            "--database-url",
            url,
        ];
        let cli: Cli = parse_from(fixed.iter().chain(arguments)).unwrap();
        let Command::Serve(config) = cli.command else { panic!("told to serve") };
        let app = App::bind(&config).await.unwrap_or_else(|error| panic!("{error}"));
        let address = app.address();
        let running = tokio::spawn(app.run(std::future::pending()));
        Self { address, channel: channel(address), running, database }
    }

    /// A client of the fixed tenant.
    pub(crate) fn client(&self) -> Client {
        OrderCommandServiceClient::with_interceptor(self.channel.clone(), AsTenant(None))
    }

    /// A client of another tenant.
    pub(crate) fn client_of(&self, tenant: &str) -> Client {
        let tenant = AsTenant(Some(tenant.parse().unwrap()));
        OrderCommandServiceClient::with_interceptor(self.channel.clone(), tenant)
    }

    /// A client with a connection of its own.
    pub(crate) fn another_client(&self) -> Client {
        OrderCommandServiceClient::with_interceptor(channel(self.address), AsTenant(None))
    }

    /// The connection that the clients share.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The database, past the service.
    pub(crate) async fn sql(&self) -> Sql {
        Sql::connect(&self.database).await
    }

    /// The name of the database on its server.
    pub(crate) fn database_name(&self) -> &str {
        self.database.name()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.running.abort();
    }
}

fn channel(address: SocketAddr) -> Channel {
    Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy()
}
