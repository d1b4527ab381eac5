//! The services describe themselves, in both versions of reflection, down to the last type, and say how they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use prost::Message;
use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;
use tonic::{Code, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::support::{System, channel};

/// Types that come inside `google.rpc.Status`, where no field names them.
const DETAILS: [&str; 5] = [
    "google.rpc.BadRequest",
    "google.rpc.ErrorInfo",
    "google.rpc.PreconditionFailure",
    "google.rpc.ResourceInfo",
    "google.rpc.RetryInfo",
];

/// What can be asked.
enum Question<'a> {
    Services,
    FileWith(&'a str),
    FileNamed(&'a str),
}

/// A client of one version of reflection; the versions differ in nothing but their names.
macro_rules! reflection {
    ($version:ident) => {
        mod $version {
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
            };

            use super::{Channel, Question};

            /// The names of services, or one encoded file.
            pub(super) async fn ask(channel: &Channel, question: Question<'_>) -> Vec<Vec<u8>> {
                let message = match question {
                    Question::Services => MessageRequest::ListServices(String::new()),
                    Question::FileWith(symbol) => MessageRequest::FileContainingSymbol(symbol.to_owned()),
                    Question::FileNamed(name) => MessageRequest::FileByFilename(name.to_owned()),
                };
                let request = ServerReflectionRequest { host: String::new(), message_request: Some(message) };
                let mut client = ServerReflectionClient::new(channel.clone());
                let answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap();
                match answers.into_inner().message().await.unwrap().unwrap().message_response.unwrap() {
                    MessageResponse::ListServicesResponse(list) => {
                        list.service.into_iter().map(|service| service.name.into_bytes()).collect()
                    }
                    MessageResponse::FileDescriptorResponse(files) => files.file_descriptor_proto,
                    other => panic!("{other:?}"),
                }
            }
        }
    };
}

reflection!(v1);
reflection!(v1alpha);

async fn ask(version: &str, channel: &Channel, question: Question<'_>) -> Vec<Vec<u8>> {
    match version {
        "v1" => v1::ask(channel, question).await,
        _ => v1alpha::ask(channel, question).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_can_be_called_without_its_proto_files() {
    let system = System::start().await;
    for (service, address) in system.services() {
        for version in ["v1", "v1alpha"] {
            describes_itself(service, address, version).await;
        }
    }
}

async fn describes_itself(service: &str, address: SocketAddr, version: &str) {
    let channel = channel(address).await;
    let listed = ask(version, &channel, Question::Services).await;
    let listed: BTreeSet<_> = listed.into_iter().map(|name| String::from_utf8(name).unwrap()).collect();
    let reflection = format!("grpc.reflection.{version}.ServerReflection");
    for name in [service, "grpc.health.v1.Health", &reflection] {
        assert!(listed.contains(name), "{name} is not in {listed:?}");
    }
    let ours: Vec<_> = listed.iter().filter(|name| name.starts_with("orders.")).collect();
    assert_eq!(ours, [service], "no other service of ours is served there");

    let mut symbols = vec![service, "grpc.health.v1.Health"];
    symbols.extend(DETAILS);
    let files = files_with(version, &channel, &symbols).await;
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_protos(files).unwrap_or_else(|error| panic!("{service}, {version}: {error}"));
    let served = pool.get_service_by_name(service).unwrap();
    let documented = orders_proto_pool().get_service_by_name(service).unwrap();
    assert_eq!(served.methods().len(), documented.methods().len());
    for name in DETAILS {
        assert!(pool.get_message_by_name(name).is_some(), "{name} cannot be resolved");
    }
}

/// The files that these symbols are in, with all that they import, as a client would fetch them.
async fn files_with(version: &str, channel: &Channel, symbols: &[&str]) -> Vec<FileDescriptorProto> {
    let mut files = BTreeMap::new();
    let mut missing = BTreeSet::new();
    let mut add = |encoded: Vec<Vec<u8>>, missing: &mut BTreeSet<String>| {
        for file in encoded {
            let file = FileDescriptorProto::decode(&file[..]).unwrap();
            missing.extend(file.dependency.iter().cloned());
            files.insert(file.name().to_owned(), file);
        }
        missing.retain(|name| !files.contains_key(name));
    };
    for symbol in symbols {
        add(ask(version, channel, Question::FileWith(symbol)).await, &mut missing);
    }
    while let Some(name) = missing.first().cloned() {
        add(ask(version, channel, Question::FileNamed(&name)).await, &mut missing);
        assert!(!missing.contains(&name), "{name} is imported, but is not to be had");
    }
    files.into_values().collect()
}

fn orders_proto_pool() -> DescriptorPool {
    DescriptorPool::decode(orders_proto::FILE_DESCRIPTOR_SET).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_for_each_service_and_for_the_whole() {
    let system = System::start().await;
    for (service, address) in system.services() {
        let mut health = HealthClient::new(channel(address).await);
        for name in ["", service] {
            let answer = health.check(HealthCheckRequest { service: name.to_owned() }).await.unwrap();
            assert_eq!(answer.into_inner().status(), ServingStatus::Serving, "{service}: {name:?}");
        }
        let unknown = health.check(HealthCheckRequest { service: "orders.v1.Nothing".to_owned() }).await;
        assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
    }
}
