//! What answers anybody: health and reflection.

use std::time::Duration;

use prost::Message;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse, server_reflection_request::MessageRequest,
    server_reflection_response::MessageResponse,
};

use crate::{client::Client, start};

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

/// Both versions of the protocol have the same messages.
async fn reflect(client: &mut Client, path: &str, question: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let answer: ServerReflectionResponse = client.call(path, &NOBODY, request.encode_to_vec()).await.unwrap();
    answer.message_response.unwrap()
}
