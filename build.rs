//! Compiles the contract once for every crate that speaks it, without a protoc on the machine.

use std::{env, fs, path::PathBuf};

use protox::Compiler;

const FILES: [&str; 6] = [
    "orders/v1/error_reason.proto",
    "orders/v1/order.proto",
    "orders/v1/order_event.proto",
    "orders/v1/order_command_service.proto",
    "orders/v1/order_query_service.proto",
    "google/rpc/error_details.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut compiler = Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    tonic_prost_build::configure()
        .bytes(".")
        .btree_map(".")
        .include_file("packages.rs")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
