//! Server reflection, in both versions that clients ask for.

use orders_proto::FILE_DESCRIPTOR_SET;
use tonic::service::Routes;
use tonic_reflection::server::Builder;

/// Most bytes of a question.
pub(super) const QUESTION_LIMIT: usize = 4 * 1024;

/// The routes with reflection of the contract, in which `services` are the ones to advertise.
pub(super) fn add_to(routes: Routes, services: &[&str]) -> Routes {
    let builder = || {
        let builder = Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health");
        services.iter().fold(builder, |builder, service| builder.with_service_name(*service))
    };
    let v1 = builder().with_service_name("grpc.reflection.v1.ServerReflection").build_v1();
    let v1 = v1.expect("the contract's descriptors are valid");
    let v1alpha = builder().with_service_name("grpc.reflection.v1alpha.ServerReflection").build_v1alpha();
    let v1alpha = v1alpha.expect("the contract's descriptors are valid");
    routes
        .add_service(v1.max_decoding_message_size(QUESTION_LIMIT))
        .add_service(v1alpha.max_decoding_message_size(QUESTION_LIMIT))
}
