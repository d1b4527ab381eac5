//! A service that takes commands, and a few of these.

use command_service::{App, Cli, Command};
use local_stack::{Role, TestDatabase};
use orders_proto::{
    google::r#type::Money,
    orders::v1::{
        AddOrderNoteRequest, Address, Contact, CreateOrderRequest, NoteVisibility, Order, OrderLine,
        order_command_service_client::OrderCommandServiceClient,
    },
};
use shared_infrastructure::{config::parse_from, start::StartError};
use tokio::task::JoinHandle;
use tonic::transport::Channel;

pub(crate) type Commands = OrderCommandServiceClient<Channel>;

/// A service in this process. It ends with this value.
pub(crate) struct Service {
    address: String,
    running: JoinHandle<Result<(), StartError>>,
}

impl Service {
    pub(crate) async fn start(database: &TestDatabase, arguments: &[&str]) -> Self {
        let url = database.url_of(Role::Writer);
        let fixed = [
            "command-service",
            "serve",
            "--listen-address=127.0.0.1:0",
            "--ops-address=none",
            "--database-url",
            &url,
        ];
        let cli: Cli = parse_from(fixed.iter().chain(arguments)).unwrap();
        let Command::Serve(config) = cli.command else { panic!("told to serve") };
        let app = App::bind(&config).await.unwrap_or_else(|error| panic!("{error}"));
        let address = format!("http://{}", app.address());
        Self { address, running: tokio::spawn(app.run(std::future::pending())) }
    }

    pub(crate) fn client(&self) -> Commands {
        Commands::new(Channel::from_shared(self.address.clone()).unwrap().connect_lazy())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// An order of one teapot.
pub(crate) fn teapot() -> Order {
    let price = Money { currency_code: "EUR".to_owned(), units: 24, nanos: 900_000_000 };
    let address = Address {
        recipient: "Ada Lovelace".to_owned(),
        address_lines: vec!["12 St James's Square".to_owned()],
        locality: "London".to_owned(),
        region_code: "GB".to_owned(),
        ..Address::default()
    };
    let line =
        OrderLine { sku: "TEAPOT".to_owned(), quantity: 1, unit_price: Some(price), ..OrderLine::default() };
    Order {
        currency_code: "EUR".to_owned(),
        contact: Some(Contact {
            name: "Ada Lovelace".to_owned(),
            email: "ada@example.com".to_owned(),
            ..Contact::default()
        }),
        shipping_address: Some(address),
        lines: vec![line],
        ..Order::default()
    }
}

/// A new order, created and placed by one commit of two events.
pub(crate) async fn placed(commands: &mut Commands) -> Order {
    let create = CreateOrderRequest { order: Some(teapot()), place: true, ..CreateOrderRequest::default() };
    commands.create_order(create).await.unwrap().into_inner()
}

/// One event more.
pub(crate) async fn note(commands: &mut Commands, order: &Order, text: &str) -> Order {
    let note = AddOrderNoteRequest {
        name: order.name.clone(),
        text: text.to_owned(),
        visibility: NoteVisibility::Internal.into(),
        ..AddOrderNoteRequest::default()
    };
    commands.add_order_note(note).await.unwrap().into_inner()
}
