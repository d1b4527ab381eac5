//! How a server ends: in time, whatever its clients do.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use prost::Message;
use tokio::{io::AsyncReadExt, net::TcpStream, time::sleep};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus};

use crate::{client::Client, soon, start};

#[tokio::test]
async fn calls_under_way_are_finished_and_new_connections_refused() {
    let server = start(Duration::from_secs(5)).await;
    let mut client = Client::connect(server.address).await;
    let call = tokio::spawn(async move { client.tell("take your time", &[]).await });
    sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(server.address).await.is_err());
    assert_eq!(soon(call).await.unwrap().unwrap(), "done");
    soon(server.ended).await.unwrap();
}

#[tokio::test]
async fn calls_that_never_end_are_cut() {
    let server = start(Duration::from_millis(200)).await;
    let mut client = Client::connect(server.address).await;
    let call = tokio::spawn(async move { client.tell("hang", &[]).await });
    sleep(Duration::from_millis(50)).await;
    let told = Instant::now();
    server.stop.send(()).unwrap();
    soon(server.ended).await.unwrap();
    assert!((200..1000).contains(&told.elapsed().as_millis()), "{:?}", told.elapsed());
    assert!(soon(call).await.unwrap().is_err());
}

#[tokio::test]
async fn idle_and_silent_connections_do_not_hold_it_up() {
    let server = start(Duration::from_secs(5)).await;
    let mut idle = Client::connect(server.address).await;
    idle.tell("who", &[]).await.unwrap();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let told = Instant::now();
    server.stop.send(()).unwrap();
    soon(server.ended).await.unwrap();
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());
    soon(silent.read_to_end(&mut Vec::new())).await.unwrap();
}

#[tokio::test]
async fn those_who_watch_the_health_see_the_end_coming_and_do_not_hold_it_up() {
    let server = start(Duration::from_secs(5)).await;
    let mut client = Client::connect(server.address).await;
    let request = HealthCheckRequest { service: String::new() }.encode_to_vec();
    let watch = client.open("/grpc.health.v1.Health/Watch", &[], request).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    server.stop.send(()).unwrap();
    soon(server.ended).await.unwrap();

    let seen = watch.into_body().collect().await.unwrap().to_bytes();
    let last = HealthCheckResponse { status: ServingStatus::NotServing.into() }.encode_to_vec();
    assert!(seen.ends_with(&last), "{seen:?}");
}
