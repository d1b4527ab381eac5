//! What happens to single calls.

use std::time::{Duration, Instant};

use prost::Message;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_types::StatusExt;

use crate::{
    client::Client,
    service::{MESSAGE_LIMIT, METHOD},
    soon, start,
};

async fn client() -> Client {
    Client::connect(start(Duration::from_secs(1)).await.address).await
}

fn reason(status: &Status) -> (Code, String) {
    (
        status.code(),
        status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_caller_reaches_the_handler() {
    let mut client = client().await;
    assert_eq!(client.tell("who", &[]).await.unwrap(), "anonymous of default");
    let headers = [("x-tenant-id", "acme"), ("x-subject", "ada")];
    assert_eq!(client.tell("who", &headers).await.unwrap(), "ada of acme");
}

#[tokio::test]
async fn a_call_that_cannot_be_authenticated_is_refused() {
    let refused = client().await.tell("who", &[("x-tenant-id", "Not A Tenant")]).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID_FIELD".to_owned()));
    let details = refused.get_error_details();
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "x-tenant-id");
}

#[tokio::test]
async fn an_expired_deadline_is_a_missed_deadline() {
    let mut client = client().await;
    let begun = Instant::now();
    let late = soon(client.tell("hang", &[("grpc-timeout", "50m")])).await.unwrap_err();
    assert_eq!(reason(&late), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(1));
    let at_once = client.tell("hang", &[("grpc-timeout", "0n")]).await.unwrap_err();
    assert_eq!(at_once.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn handlers_see_the_deadline_and_malformed_ones_are_none() {
    let mut client = client().await;
    assert_eq!(client.tell("deadline", &[("grpc-timeout", "5S")]).await.unwrap(), "Some((true, true))");
    for none in ["5", "five", "123456789S"] {
        assert_eq!(client.tell("deadline", &[("grpc-timeout", none)]).await.unwrap(), "None", "{none}");
    }
    assert_eq!(client.tell("deadline", &[]).await.unwrap(), "None");
}

#[tokio::test]
async fn a_panic_ends_its_call_and_no_other() {
    let mut client = client().await;
    let panicked = client.tell("panic", &[]).await.unwrap_err();
    assert_eq!(reason(&panicked), (Code::Internal, "INTERNAL".to_owned()));
    assert_eq!(panicked.message(), "internal error");
    assert_eq!(client.tell("who", &[]).await.unwrap(), "anonymous of default");
}

#[tokio::test]
async fn messages_that_cannot_be_taken_are_invalid_arguments() {
    let mut client = client().await;
    let too_large = client.tell(&"x".repeat(MESSAGE_LIMIT + 1), &[]).await.unwrap_err();
    assert_eq!(reason(&too_large), (Code::InvalidArgument, "INVALID_FIELD".to_owned()), "{too_large}");
    let violation = too_large.get_error_details().bad_request().unwrap().field_violations[0].clone();
    assert_eq!(violation.field, "request");
    assert!(violation.description.contains(&MESSAGE_LIMIT.to_string()), "{violation:?}");
    for garbage in [&b"\xff\xff\xff"[..], b"\x0a\x05ab", b"\x0a\x02\xff\xfe"] {
        let refused = client.call::<String>(METHOD, &[], garbage.to_vec()).await.unwrap_err();
        assert_eq!(
            reason(&refused),
            (Code::InvalidArgument, "INVALID_FIELD".to_owned()),
            "{garbage:?}: {refused}"
        );
    }
    assert_eq!(client.tell(&"x".repeat(1000), &[]).await.unwrap(), "1000");
}

#[tokio::test]
async fn unknown_methods_and_services_are_unimplemented() {
    let mut client = client().await;
    for path in ["/orders.v1.OrderQueryService/Undo", "/orders.v1.Nothing/Do", "/"] {
        let unknown = client.call::<String>(path, &[], Vec::new()).await.unwrap_err();
        assert_eq!(unknown.code(), Code::Unimplemented, "{path}");
    }
}

#[tokio::test]
async fn headers_have_a_limit() {
    let mut client = client().await;
    let long = "x".repeat(5_000);
    assert!(client.tell("who", &[("x-long", &long)]).await.is_ok());
    let refused =
        client.tell("who", &[("x-long", &long), ("x-longer", &"x".repeat(5_001))]).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID_FIELD".to_owned()), "{refused}");
    assert!(refused.message().starts_with("x-longer: the call brings 10"), "{refused}");
    let (token, full) = (format!("Bearer {}", "x".repeat(6_000)), "x".repeat(7_500));
    assert!(client.tell("who", &[("authorization", &token), ("x-long", &full)]).await.is_ok());
    let refused = client.tell("who", &[("authorization", &"x".repeat(9_000))]).await.unwrap_err();
    assert!(refused.message().starts_with("authorization: the call brings 90"), "{refused}");
    let refused = client.tell("who", &[("x-long", &"x".repeat(40_000))]).await.unwrap_err();
    assert_eq!(refused.message(), "431 Request Header Fields Too Large");
    assert_eq!(client.tell("who", &[]).await.unwrap(), "anonymous of default");
}

/// Anybody may ask, so nobody may have much memory set aside for it.
#[tokio::test]
async fn health_checks_take_small_messages_only() {
    let mut client = client().await;
    for (length, expected) in [(100, Code::NotFound), (5_000, Code::OutOfRange)] {
        let question = HealthCheckRequest { service: "x".repeat(length) }.encode_to_vec();
        let refused = client.call::<String>("/grpc.health.v1.Health/Check", &[], question).await.unwrap_err();
        assert_eq!(refused.code(), expected, "{length}: {refused}");
    }
}
