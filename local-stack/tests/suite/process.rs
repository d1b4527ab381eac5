//! Processes of services, played by this program.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use local_stack::{Output, Service, ServiceError, ServiceOptions, ServiceProcess};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::support::{Helper, PART, alive, play, say, wait_until};

const HELPER: &str = "suite::process::helper";

fn playing(part: &str) -> ServiceOptions {
    ServiceOptions::new(Service::Query, "127.0.0.1:0", "postgres://nobody@127.0.0.1/none")
        .program(std::env::current_exe().unwrap(), &["--exact", HELPER, "--nocapture"])
        .environment(PART, part)
        .output(Output::Keep)
}

#[tokio::test]
async fn a_service_is_started_when_it_is_healthy_and_stopped_when_asked() {
    let mut service = ServiceProcess::start(playing("healthy")).await.unwrap();
    assert_ne!(service.address().port(), 0);
    let mut connection = TcpStream::connect(service.address()).await.unwrap();
    connection.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    assert!(connection.read(&mut [0; 64]).await.unwrap() > 0);
    assert!(service.output().contains("query-service ready on 127.0.0.1:"), "{}", service.output());
    assert!(tokio::time::timeout(Duration::from_millis(50), service.wait()).await.is_err());
    let status = service.stop(Duration::from_secs(5)).await.unwrap();
    assert!(!status.success());
}

#[tokio::test]
async fn a_stubborn_service_is_killed() {
    let service = ServiceProcess::start(playing("stubborn")).await.unwrap();
    let (pid, asked) = (service.pid(), Instant::now());
    service.stop(Duration::from_millis(300)).await.unwrap();
    assert!(!alive(pid));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_death_is_noticed() {
    let mut service = ServiceProcess::start(playing("dying")).await.unwrap();
    assert_eq!(service.wait().await.unwrap().code(), Some(7));
    // And again, as a second look.
    assert_eq!(service.wait().await.unwrap().code(), Some(7));
}

#[tokio::test]
async fn an_end_before_health_says_what_was_printed() {
    let error = ServiceProcess::start(playing("failing")).await.unwrap_err();
    assert!(
        matches!(&error, ServiceError::Exited { name: "query-service", status, .. } if status.code() == Some(3))
    );
    assert!(error.to_string().contains("the schema is behind"), "{error}");
}

#[tokio::test]
async fn a_missing_program_says_how_to_build_it() {
    let absent = playing("healthy").program("/nonexistent/query-service", &[]);
    let error = ServiceProcess::start(absent).await.unwrap_err().to_string();
    assert!(error.contains("cargo build -p query-service"), "{error}");
}

#[test]
fn a_service_goes_with_a_killed_owner() {
    let mut owner = Helper::start(HELPER, "owner");
    let pid = owner.number();
    assert!(alive(pid));
    owner.kill();
    wait_until("the service has ended", Duration::from_secs(10), || !alive(pid));
}

/// Not a test of its own: plays a service, or the owner of one, in a process that the tests start.
#[test]
fn helper() {
    play(|part| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        match part {
            "owner" => {
                let service = runtime.block_on(ServiceProcess::start(playing("healthy"))).unwrap();
                say(service.pid());
                std::mem::forget(service);
            }
            "failing" => {
                eprintln!("the schema is behind");
                std::process::exit(3);
            }
            serving => runtime.block_on(serve(serving)),
        }
        runtime
    });
}

async fn serve(part: &str) {
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status("orders.v1.OrderQueryService", tonic_health::ServingStatus::Serving).await;
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    println!("\nquery-service ready on {}", listener.local_addr().unwrap());
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let server = tonic::transport::Server::builder().add_service(health).serve_with_incoming(incoming);
    match part {
        "stubborn" => {
            let mut terminations =
                tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
            tokio::spawn(async move { while terminations.recv().await.is_some() {} });
            server.await.unwrap();
        }
        "dying" => {
            tokio::spawn(server);
            tokio::time::sleep(Duration::from_secs(2)).await;
            std::process::exit(7);
        }
        _ => server.await.unwrap(),
    }
}
