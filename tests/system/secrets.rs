//! Tokens of callers and passwords of databases stand in no line of the log, however much is logged.

use std::{fs, process::Command, time::Duration};

use local_stack::{Output, Service, ServiceOptions, ServiceProcess, TestDatabase, TestPostgres};
use orders_proto::orders::v1::{CreateOrderRequest, GetOrderRequest};
use tokio::time::sleep;
use tonic::{Code, Request, Status, metadata::MetadataValue};

use crate::{
    encrypted::Issuer,
    support::{Commands, Queries, cart, channel, migrated_database, request_id},
};

/// Everything, and also of the library that is otherwise kept quiet.
const VERBOSE: &str = "trace,async_nats=trace,h2=trace";

/// A service that says all it can, which finds its database by a URL with a password.
async fn verbose(service: Service, database: &TestDatabase, keys: &str) -> ServiceProcess {
    let server = TestPostgres::shared().await.unwrap().server();
    let url = server.tcp_url(database.name());
    let options = ServiceOptions::new(service, "127.0.0.1:0", &url)
        .environment("MIGRATION_DATABASE_URL", &url)
        .environment("LOG_LEVEL", VERBOSE)
        .environment("AUTH_PROVIDER", "oidc")
        .environment("OIDC_ISSUER", Issuer::NAME)
        .environment("OIDC_AUDIENCE", Issuer::AUDIENCE)
        .environment("OIDC_JWKS_FILE", keys)
        .output(Output::KeepAll);
    ServiceProcess::start(options).await.unwrap_or_else(|error| panic!("{error}"))
}

fn bearing<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    // Not marked as sensitive: the service cannot rely on what callers do.
    let value: MetadataValue<_> = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}

/// Has it end, and returns what it logged.
async fn log_of(mut process: ServiceProcess) -> String {
    let id = process.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    process.wait().await.unwrap();
    let mut log = process.output();
    loop {
        // Its last lines may still be on their way.
        sleep(Duration::from_millis(200)).await;
        let longer = process.output();
        if longer.len() == log.len() {
            return log;
        }
        log = longer;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_and_no_password_is_logged() {
    let (database, issuer, folder) = (migrated_database().await, Issuer::new(), tempfile::tempdir().unwrap());
    let keys = folder.path().join("keys.json");
    fs::write(&keys, issuer.keys()).unwrap();
    let keys = keys.display().to_string();
    let writer = verbose(Service::Command, &database, &keys).await;
    let reader = verbose(Service::Query, &database, &keys).await;
    let mut commands = Commands::new(channel(writer.address()).await);
    let mut queries = Queries::new(channel(reader.address()).await);

    let good = issuer.token("ada", 300);
    let create =
        || CreateOrderRequest { order: Some(cart()), request_id: request_id(), ..Default::default() };
    let order = commands.create_order(bearing(&good, create())).await.unwrap().into_inner();
    let get = || GetOrderRequest { name: order.name.clone(), ..GetOrderRequest::default() };
    queries.get_order(bearing(&good, get())).await.unwrap();
    let bad = [
        issuer.token("grace", -300),
        Issuer::new().token("grace", 300),
        format!("{}x", issuer.token("grace", 300)),
        "bm90LWEtdG9rZW4.aXQtaXMtbm9uZQ.YXQtYWxs".to_owned(),
        "a-secret-of-another-kind".to_owned(),
    ];
    for token in &bad {
        let refused = |status: Status| assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
        refused(commands.create_order(bearing(token, create())).await.unwrap_err());
        refused(queries.get_order(bearing(token, get())).await.unwrap_err());
    }

    let server = TestPostgres::shared().await.unwrap().server();
    let url: tokio_postgres::Config = server.tcp_url("postgres").parse().unwrap();
    let password = String::from_utf8(url.get_password().unwrap().to_vec()).unwrap();
    let header = good.split('.').next().unwrap();
    for (service, process) in [("command-service", writer), ("query-service", reader)] {
        let log = log_of(process).await;
        let lines = log.lines().filter(|line| line.contains("TRACE")).count();
        assert!(lines > 100, "{service} logged {lines} lines of TRACE: {log}");
        assert!(!log.contains(&password), "{service} logged a password");
        for token in bad.iter().chain([&good]) {
            // The header is the same in all, and nothing to keep secret; a claim or a signature is.
            for secret in token.split('.').filter(|part| *part != header) {
                let line = log.lines().find(|line| line.contains(secret));
                assert!(line.is_none(), "{service} logged a part of a token: {line:?}");
            }
        }
        println!("{service}: {} lines logged, {lines} of them TRACE, no secret in them", log.lines().count());
    }
}
