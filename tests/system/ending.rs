//! How the services end, and when they do not even begin.

use std::{
    process::ExitStatus,
    time::{Duration, Instant},
};

use local_stack::{
    Output, Service, ServiceError, ServiceOptions, ServiceProcess, TestDatabase, TestPostgres,
};
use orders_proto::orders::v1::{AddOrderNoteRequest, GetOrderRequest, NoteVisibility};
use tokio::task::JoinHandle;
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::support::{
    Commands, Queries, Sql, channel, commands_at, eventually, migrated_database, placed, program, service,
    service_with,
};

/// Far longer than anything here takes: what waits for a lock has to wait until it gets it.
const PATIENT: &[(&str, &str)] = &[("DATABASE_LOCK_TIMEOUT", "60s"), ("DATABASE_STATEMENT_TIMEOUT", "60s")];

/// How long a service may take to end, whatever its clients do.
const END: Duration = Duration::from_secs(25);

/// A call that waits for a lock is under way when the service is told to end. Whoever watches the health is told, the call
/// is answered, and the process ends well.
#[tokio::test(flavor = "multi_thread")]
async fn command_service_finishes_what_it_is_at() {
    let database = migrated_database().await;
    let process = service_with(Service::Command, &database, PATIENT).await;
    let address = process.address();
    let order = placed(&mut commands_at(address).await).await;

    let sql = Sql::connect(&database).await;
    sql.execute("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await;
    let mut commands: Commands = commands_at(address).await;
    let note = AddOrderNoteRequest {
        name: order.name.clone(),
        text: "in time".to_owned(),
        visibility: NoteVisibility::Internal.into(),
        ..AddOrderNoteRequest::default()
    };
    let call = tokio::spawn(async move { commands.add_order_note(note).await });
    let status = end_during(process, &database, &sql, "orders.v1.OrderCommandService").await;
    assert!(status.success(), "{status}");
    assert_eq!(call.await.unwrap().unwrap().into_inner().version, order.version + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn query_service_finishes_what_it_is_at() {
    let database = migrated_database().await;
    let writer = service(Service::Command, &database).await;
    let order = placed(&mut commands_at(writer.address()).await).await;
    let process = service_with(Service::Query, &database, PATIENT).await;

    let sql = Sql::connect(&database).await;
    sql.execute("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await;
    let mut queries = Queries::new(channel(process.address()).await);
    let request = GetOrderRequest { name: order.name.clone(), ..GetOrderRequest::default() };
    let call = tokio::spawn(async move { queries.get_order(request).await });
    let status = end_during(process, &database, &sql, "orders.v1.OrderQueryService").await;
    assert!(status.success(), "{status}");
    assert_eq!(call.await.unwrap().unwrap().into_inner().version, order.version);
}

/// Tells the service to end while a call of it waits for a lock that `sql` holds, and lets go of the lock afterwards.
async fn end_during(process: ServiceProcess, database: &TestDatabase, sql: &Sql, name: &str) -> ExitStatus {
    let look = Sql::connect(database).await;
    eventually("the call waits", async || look.waiting_sessions().await > 0).await;
    let address = process.address();
    let mut watches = Vec::new();
    for name in ["", name] {
        watches.push(watch(HealthClient::new(channel(address).await), name.to_owned()).await);
    }

    let told = Instant::now();
    let end = tokio::spawn(process.stop(END + Duration::from_secs(5)));
    for watch in watches {
        assert_eq!(watch.await.unwrap(), ServingStatus::NotServing);
    }
    assert!(!end.is_finished(), "it ended with a call under way");
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap();
    eventually("no new connections are taken", async || endpoint.connect().await.is_err()).await;
    sql.execute("ROLLBACK").await;
    let status = end.await.unwrap().unwrap();
    assert!(told.elapsed() < END, "{:?}", told.elapsed());
    status
}

/// Waits in the background for the next health after SERVING.
async fn watch(
    mut health: HealthClient<tonic::transport::Channel>,
    service: String,
) -> JoinHandle<ServingStatus> {
    let mut told = health.watch(HealthCheckRequest { service }).await.unwrap().into_inner();
    assert_eq!(told.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    tokio::spawn(async move { told.message().await.unwrap().unwrap().status() })
}

/// A client that keeps its connection and does nothing holds nobody up.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_client_does_not_hold_up_the_end() {
    let database = migrated_database().await;
    for which in [Service::Command, Service::Query] {
        let process = service(which, &database).await;
        let _silent = channel(process.address()).await;
        let told = Instant::now();
        let status = process.stop(END + Duration::from_secs(5)).await.unwrap();
        assert!(status.success() && told.elapsed() < END, "{status} after {:?}", told.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_behind_is_refused() {
    let postgres = TestPostgres::shared().await.unwrap();
    let database = postgres.empty_database().await.unwrap();
    for which in [Service::Command, Service::Query] {
        let options = ServiceOptions::new(which, "127.0.0.1:0", database.url())
            .program(program(which), &["serve", "--listen-address", "127.0.0.1:0"])
            .output(Output::Keep);
        match ServiceProcess::start(options).await {
            Err(ServiceError::Exited { status, output, .. }) => {
                assert_eq!(status.code(), Some(3), "{output}");
                assert!(output.contains("command-service migrate"), "{output}");
            }
            other => panic!("{which:?} started without a schema: {other:?}"),
        }
    }
}

/// After the end there is nobody: the error is one that clients try again on.
#[tokio::test(flavor = "multi_thread")]
async fn calls_after_the_end_are_unavailable() {
    let database = migrated_database().await;
    let process = service(Service::Command, &database).await;
    let mut commands = commands_at(process.address()).await;
    let order = placed(&mut commands).await;
    assert!(process.stop(END).await.unwrap().success());
    let note = AddOrderNoteRequest { name: order.name, text: "too late".to_owned(), ..Default::default() };
    assert_eq!(commands.add_order_note(note).await.unwrap_err().code(), Code::Unavailable);
}
