//! The wire contract of Orders: messages, clients and servers generated from `proto/`.
//!
//! The comments in `proto/orders/v1` are the reference of the API.

mod encoded_order;

#[expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    rustdoc::invalid_html_tags,
    reason = "generated; the proto files carry the documentation"
)]
mod packages {
    include!(concat!(env!("OUT_DIR"), "/packages.rs"));
}

/// The servers, and those of their answers that have orders in them. An order in an answer is an [`EncodedOrder`].
#[expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; the proto files carry the documentation"
)]
pub mod servers {
    include!(concat!(env!("OUT_DIR"), "/servers/orders.v1.rs"));
}

pub use encoded_order::EncodedOrder;
pub use packages::{google, orders};

/// The encoded `google.protobuf.FileDescriptorSet` of the contract, imports and comments included: for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
