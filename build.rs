//! Compiles the contract once for every crate that speaks it, without a protoc on the machine.

use std::{
    collections::{HashMap, HashSet},
    env, fs,
    path::PathBuf,
};

use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::Compiler;

const FILES: [&str; 7] = [
    "orders/v1/authorization.proto",
    "orders/v1/error_reason.proto",
    "orders/v1/order.proto",
    "orders/v1/order_event.proto",
    "orders/v1/order_command_service.proto",
    "orders/v1/order_query_service.proto",
    "google/rpc/error_details.proto",
];

/// The message that servers answer with as it is stored, without looking into it.
const ORDER: &str = ".orders.v1.Order";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut compiler = Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    let descriptors = compiler.file_descriptor_set();
    tonic_prost_build::configure()
        .build_server(false)
        .bytes(".")
        .btree_map(".")
        .include_file("packages.rs")
        .compile_fds(descriptors.clone())?;
    generate_servers(out.join("servers"), descriptors)
}

/// The servers, and the messages that they answer with and that have orders in them, at most one message deep. There, an order is
/// what it is stored as; all other messages are those of the package.
fn generate_servers(out: PathBuf, descriptors: FileDescriptorSet) -> Result<(), Box<dyn std::error::Error>> {
    let package = "orders.v1";
    let of_package = |file: &FileDescriptorProto| file.package() == package;
    let file: Vec<_> = descriptors.file.iter().filter(|file| of_package(file)).collect();

    let methods = file.iter().flat_map(|file| &file.service).flat_map(|service| &service.method);
    let outputs: HashSet<_> = methods.map(|method| method.output_type()).collect();
    let fields: HashMap<_, HashSet<_>> = file
        .iter()
        .flat_map(|file| &file.message_type)
        .map(|message| {
            (
                format!(".{package}.{}", message.name()),
                message.field.iter().map(|field| field.type_name()).collect(),
            )
        })
        .collect();
    let has_order = |path: &str| fields.get(path).is_some_and(|fields| fields.contains(ORDER));
    let has_orders = |path: &str| {
        has_order(path) || fields.get(path).is_some_and(|fields| fields.iter().any(|field| has_order(field)))
    };
    let answers: HashSet<_> = fields
        .iter()
        .filter(|(path, _)| outputs.contains(path.as_str()) && has_orders(path))
        .flat_map(|(path, fields)| {
            fields.iter().copied().filter(|field| has_order(field)).chain([path.as_str()])
        })
        .collect();

    let mut config = tonic_prost_build::configure()
        .build_client(false)
        .out_dir(&out)
        .extern_path(".google.rpc", "crate::google::rpc")
        .extern_path(".google.type", "crate::google::r#type");
    for message in file.iter().flat_map(|file| &file.message_type) {
        let path = format!(".{package}.{}", message.name());
        if path == ORDER {
            config = config.extern_path(path, "crate::EncodedOrder");
        } else if !answers.contains(path.as_str()) {
            config = config.extern_path(path, format!("crate::orders::v1::{}", message.name()));
        }
    }
    for enumeration in file.iter().flat_map(|file| &file.enum_type) {
        let name = enumeration.name();
        config = config.extern_path(format!(".{package}.{name}"), format!("crate::orders::v1::{name}"));
    }
    fs::create_dir_all(&out)?;
    Ok(config.compile_fds(descriptors)?)
}
