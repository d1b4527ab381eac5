//! What a server takes on, and what it refuses at once.

use std::{num::NonZeroU32, time::Duration};

use prost::Message;
use shared_infrastructure::grpc::{CallLimits, RateLimit, Timeouts};
use tokio::{task::JoinSet, time::sleep};
use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_types::StatusExt;

use crate::{client::Client, soon, start_limited};

async fn clients<const N: usize>(limits: CallLimits) -> [Client; N] {
    let address = start_limited(Duration::from_secs(1), limits).await.address;
    let mut clients = Vec::new();
    for _ in 0..N {
        clients.push(Client::connect(address).await);
    }
    clients.try_into().unwrap_or_else(|_| panic!("so many"))
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_error_details().error_info().unwrap().reason.clone())
}

fn pause(status: &Status) -> Duration {
    status.get_error_details().retry_info().unwrap().retry_delay.unwrap()
}

#[tokio::test]
async fn more_calls_than_a_server_takes_on_are_refused_at_once_whatever_their_connections() {
    let limits = CallLimits { reads: Some(3), ..CallLimits::default() };
    let [mut one, mut other] = clients(limits).await;
    let mut hanging = JoinSet::new();
    for _ in 0..3 {
        let mut client = one.clone();
        hanging.spawn(async move { client.tell("hang", &[]).await });
    }
    // The calls are on their way.
    let refused = loop {
        match soon(other.tell("who", &[])).await {
            Ok(_) => sleep(Duration::from_millis(5)).await,
            Err(refused) => break refused,
        }
    };
    assert_eq!(reason(&refused), (Code::ResourceExhausted, "OVERLOADED".to_owned()));
    assert!(!pause(&refused).is_zero());
    assert_eq!(reason(&one.tell("who", &[]).await.unwrap_err()).1, "OVERLOADED");
    let check = HealthCheckRequest::default().encode_to_vec();
    let health = other.call::<HealthCheckResponse>("/grpc.health.v1.Health/Check", &[], check).await;
    health.expect("health is never refused");

    hanging.shutdown().await;
    let again = async {
        while one.tell("who", &[]).await.is_err() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    soon(again).await;
}

#[tokio::test]
async fn a_call_that_ends_in_any_way_makes_room() {
    let [mut client] = clients(CallLimits { reads: Some(1), ..CallLimits::default() }).await;
    for _ in 0..20 {
        let late = client.tell("hang", &[("grpc-timeout", "5m")]).await.unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded);
        assert_eq!(client.tell("panic", &[]).await.unwrap_err().code(), Code::Internal);
        let unknown = client.tell("who", &[("x-tenant-id", "Not A Tenant")]).await.unwrap_err();
        assert_eq!(unknown.code(), Code::InvalidArgument);
        assert_eq!(client.tell("who", &[]).await.unwrap(), "anonymous of default");
    }
}

#[tokio::test]
async fn a_tenant_that_calls_too_often_is_told_when_to_come_back() {
    let [per_second, burst] = [2, 5].map(|number| NonZeroU32::new(number).unwrap());
    let rate = Some(RateLimit { per_second, burst });
    let [mut client] = clients(CallLimits { rate, ..CallLimits::default() }).await;
    let acme = [("x-tenant-id", "acme")];
    let mut taken = 0;
    let refused = loop {
        match client.tell("who", &acme).await {
            Ok(_) => taken += 1,
            Err(refused) => break refused,
        }
    };
    assert!(taken >= 5, "{taken} were taken");
    assert_eq!(reason(&refused), (Code::ResourceExhausted, "RATE_LIMITED".to_owned()));
    assert!(pause(&refused) <= Duration::from_millis(500), "{:?}", pause(&refused));
    client.tell("who", &[("x-tenant-id", "other")]).await.expect("another tenant's calls are its own");
    sleep(pause(&refused)).await;
    client.tell("who", &acme).await.expect("it is time");
}

#[tokio::test]
async fn a_call_without_a_deadline_has_the_servers() {
    let timeouts = Timeouts { default: Some(Duration::from_millis(50)), longest: None };
    let [mut client] = clients(CallLimits { timeouts, ..CallLimits::default() }).await;
    let late = soon(client.tell("hang", &[])).await.unwrap_err();
    assert_eq!(reason(&late), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED".to_owned()));
    assert_eq!(client.tell("take your time", &[("grpc-timeout", "10S")]).await.unwrap(), "done");
    assert_eq!(
        client.tell("deadline", &[]).await.unwrap(),
        "Some((true, false))",
        "handlers know whose it is"
    );
    assert_eq!(client.tell("deadline", &[("grpc-timeout", "10S")]).await.unwrap(), "Some((true, true))");
}

#[tokio::test]
async fn no_call_has_longer_than_the_longest() {
    let timeouts = Timeouts { default: None, longest: Some(Duration::from_millis(50)) };
    let [mut client] = clients(CallLimits { timeouts, ..CallLimits::default() }).await;
    for headers in [&[][..], &[("grpc-timeout", "1H")]] {
        let late = soon(client.tell("hang", headers)).await.unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded, "{headers:?}");
    }
}
