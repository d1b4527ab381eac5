//! What answers anybody: health and reflection.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{future::join_all, stream::pending};
use http::Request;
use http_body_util::StreamBody;
use hyper::{body::Frame, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use prost::Message;
use tokio::{net::TcpStream, time::sleep};
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse, server_reflection_request::MessageRequest,
    server_reflection_response::MessageResponse,
};

use shared_infrastructure::grpc::ConnectionLimits;
use tonic_types::StatusExt;

use crate::{client::Client, soon, start, start_with};

const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/// Headers that no authenticator lets through.
const NOBODY: [(&str, &str); 1] = [("x-tenant-id", "Not A Tenant")];

#[tokio::test]
async fn health_knows_the_whole_and_every_service() {
    let mut client = Client::connect(start(Duration::from_secs(1)).await.address).await;
    for service in ["", "orders.v1.OrderQueryService"] {
        let request = HealthCheckRequest { service: service.to_owned() }.encode_to_vec();
        let answer: HealthCheckResponse =
            client.call("/grpc.health.v1.Health/Check", &NOBODY, request).await.unwrap();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    let other = HealthCheckRequest { service: "orders.v1.Other".to_owned() }.encode_to_vec();
    let unknown = client.call::<HealthCheckResponse>("/grpc.health.v1.Health/Check", &NOBODY, other).await;
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn reflection_lists_what_is_served_in_both_versions() {
    let mut client = Client::connect(start(Duration::from_secs(1)).await.address).await;
    for version in ["v1", "v1alpha"] {
        let own = format!("grpc.reflection.{version}.ServerReflection");
        let path = format!("/{own}/ServerReflectionInfo");
        let answer = reflect(&mut client, &path, MessageRequest::ListServices(String::new())).await;
        let MessageResponse::ListServicesResponse(list) = answer else { panic!("{answer:?}") };
        let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
        names.sort();
        assert_eq!(names, ["grpc.health.v1.Health", &own, "orders.v1.OrderQueryService"]);

        for symbol in ["orders.v1.Order", "google.rpc.ErrorInfo"] {
            let answer =
                reflect(&mut client, &path, MessageRequest::FileContainingSymbol(symbol.to_owned())).await;
            assert!(matches!(answer, MessageResponse::FileDescriptorResponse(_)), "{symbol}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn streams_that_anybody_may_open_are_so_many_and_checks_of_health_go_on() {
    let address = start(Duration::from_secs(1)).await.address;
    let mut open = Vec::new();
    for _connection in 0..2 {
        let client = Client::connect(address).await;
        let watches = (0..128).map(|_| {
            let mut client = client.clone();
            async move { client.open("/grpc.health.v1.Health/Watch", &NOBODY, vec![]).await.unwrap() }
        });
        open.extend(join_all(watches).await);
    }
    let mut client = Client::connect(address).await;
    let listing = || {
        let question = MessageRequest::ListServices(String::new());
        ServerReflectionRequest { host: String::new(), message_request: Some(question) }.encode_to_vec()
    };
    let refused = client.call::<ServerReflectionResponse>(REFLECTION, &NOBODY, listing()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(refused.get_error_details().error_info().unwrap().reason, "OVERLOADED");
    client.call::<HealthCheckResponse>("/grpc.health.v1.Health/Check", &NOBODY, vec![]).await.unwrap();

    open.pop();
    let again = async {
        while client.call::<ServerReflectionResponse>(REFLECTION, &NOBODY, listing()).await.is_err() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    soon(again).await;
}

#[tokio::test]
async fn who_asks_nothing_over_an_open_stream_does_not_hold_up_the_end() {
    let limits = ConnectionLimits { request: Duration::from_millis(500), ..ConnectionLimits::default() };
    let server = start_with(Duration::from_secs(60), limits).await;
    let stream = TokioIo::new(TcpStream::connect(server.address).await.unwrap());
    let (mut connection, driver) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(driver);
    let nothing = StreamBody::new(pending::<Result<Frame<Bytes>, Infallible>>());
    let request =
        Request::post(format!("http://orders{REFLECTION}")).header("content-type", "application/grpc");
    let _answer = connection.send_request(request.body(nothing).unwrap()).await.unwrap();
    server.stop.send(()).unwrap();
    soon(server.ended).await.unwrap();
}

/// Both versions of the protocol have the same messages.
async fn reflect(client: &mut Client, path: &str, question: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let answer: ServerReflectionResponse = client.call(path, &NOBODY, request.encode_to_vec()).await.unwrap();
    answer.message_response.unwrap()
}
