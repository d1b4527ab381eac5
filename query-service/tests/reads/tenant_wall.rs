//! Tenants are walls in every statement: what query-service has PostgreSQL do, as PostgreSQL notes it down.

use std::{collections::BTreeSet, fs, path::PathBuf};

use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};
use orders_proto::orders::v1::{
    AggregateOrdersRequest, ListOrdersRequest, LookupOrderRequest, OrderView, ProviderReference,
    SearchOrdersRequest, WatchOrdersRequest, lookup_order_request::Key,
};

use crate::{
    support::{READS, Service, migrate, order},
    watch::Watch,
};

const DATABASE: &str = "orders";

/// The feed is of all tenants: what watches are told is sorted out behind it, and tested where watches are.
const FEED: &str = "order_feed";

/// A service whose statements are noted down.
struct Noted {
    service: Service,
    log: PathBuf,
    _server: PostgresServer,
}

impl Noted {
    async fn start() -> Self {
        let options = PostgresOptions {
            storage: Storage::ThrowAway,
            durability: Durability::None,
            settings: [("log_min_duration_statement", "0"), ("log_line_prefix", "%a|")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        };
        let starting = tokio::task::spawn_blocking(move || PostgresServer::start(&options).unwrap());
        let server = starting.await.unwrap();
        let url = server.database(DATABASE).await.unwrap();
        server.make_roles(DATABASE).await.unwrap();
        let logins = server.logins(DATABASE);
        migrate(logins.owner).await.unwrap();
        let service = Service::over(&[logins.reader], &url, &[]).await;
        let log = server.data_folder().with_file_name("postgres.log");
        Self { service, log, _server: server }
    }

    /// The statements of the service.
    fn statements(&self) -> BTreeSet<String> {
        let log = fs::read_to_string(&self.log).unwrap().replace("\n\t", " ");
        let of_service = log.lines().filter_map(|line| line.strip_prefix("query-service|LOG:"));
        let executed = of_service.filter_map(|line| line.split_once(" execute ")?.1.split_once(": "));
        executed.map(|(_, statement)| statement.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }
}

/// Every rpc that reads orders, in each of its forms, with every term of a filter.
async fn read_everything(service: &Service) {
    let order = order();
    service.commit(&order).await;
    let (mut client, token) = (service.client(), service.token(&order).await);
    for read in READS {
        for token in ["", &token] {
            read.is_new(&mut client, &order, token, None).await.unwrap();
        }
    }
    let (provider, reference) = ("psp".to_owned(), "p-1".to_owned());
    for key in [
        Key::ExternalReference(order.external_reference.clone().unwrap()),
        Key::ProviderReference(ProviderReference { provider, reference }),
        Key::TrackingNumber("1Z".to_owned()),
    ] {
        let request = LookupOrderRequest { key: Some(key), ..LookupOrderRequest::default() };
        client.lookup_order(request).await.ok();
    }
    let filters = [
        "",
        "state = PLACED AND payment_state = UNPAID AND hold = false",
        "customer_id = \"c-1\"",
        "order_number = \"10000\"",
        "external_reference.source = \"shop\" AND external_reference.id = \"1\"",
        "tags:\"gift\" AND metadata.color = \"red\"",
        "lines.sku:\"TEAPOT-1\"",
        "total > \"1 EUR\" AND place_time > \"2000-01-01T00:00:00Z\"",
    ];
    for filter in filters {
        for (view, order_by) in [(OrderView::Basic, "create_time desc"), (OrderView::Full, "total")] {
            let request = ListOrdersRequest {
                filter: filter.into(),
                view: view.into(),
                order_by: order_by.into(),
                ..ListOrdersRequest::default()
            };
            client.list_orders(request).await.unwrap();
        }
        let request = WatchOrdersRequest {
            filter: filter.into(),
            include_initial: true,
            ..WatchOrdersRequest::default()
        };
        Watch::begin(service.client(), request).await.catch_up().await;
    }
    // The projections of a database that no command-service has worked on have nothing to tell; the statements are made all the same.
    let query = SearchOrdersRequest { query: "espresso".into(), ..SearchOrdersRequest::default() };
    client.search_orders(query).await.ok();
    client.aggregate_orders(AggregateOrdersRequest::default()).await.ok();
}

/// What a statement reads from, and how often it says which tenant's.
fn read_from<'s>(statement: &'s str, relations: &[&str]) -> (Vec<&'s str>, usize) {
    let words: Vec<_> = statement.split([' ', '(', ')', ',', '"']).filter(|word| !word.is_empty()).collect();
    let sources = words.windows(2).filter(|pair| ["FROM", "JOIN"].contains(&pair[0])).map(|pair| pair[1]);
    let walls = words.windows(2).filter(|pair| pair[0].ends_with("tenant_id") && pair[1] == "=").count();
    (sources.filter(|source| relations.contains(source)).collect(), walls)
}

/// The views that reads go through.
const VIEWS: [&str; 9] = [
    "order_details",
    FEED,
    "order_history_entries",
    "order_provider_references",
    "order_search_entries",
    "order_skus",
    "order_statistics",
    "order_summaries",
    "order_tracking_numbers",
];

#[tokio::test]
async fn every_statement_says_whose_orders_it_reads() {
    let noted = Noted::start().await;
    read_everything(&noted.service).await;
    let of_tenants = noted.service.relations_of_tenants().await;
    let relations: Vec<_> = of_tenants.iter().map(String::as_str).collect();
    let statements = noted.statements();
    let mut read = BTreeSet::new();
    for statement in &statements {
        let (sources, walls) = read_from(statement, &relations);
        let closed = sources.iter().filter(|source| **source != FEED).count();
        assert!(walls >= closed, "{closed} times from tenants' rows, {walls} times whose: {statement}");
        read.extend(sources);
    }
    assert_eq!(read.into_iter().collect::<Vec<_>>(), VIEWS, "what was read from in all");
}

#[test]
fn a_statement_without_a_wall_is_seen() {
    let relations = ["orders", "order_skus"];
    let open = "SELECT * FROM orders JOIN order_skus AS s ON s.tenant_id = orders.tenant_id";
    assert_eq!(read_from(open, &relations), (vec!["orders", "order_skus"], 1));
    assert_eq!(read_from("SELECT 1 FROM leases WHERE tenant_id > $1", &relations), (vec![], 0));
}
