//! The gRPC API of the command side: decode a request, run its use case, encode the answer. `decode` says what a well-formed
//! request is, `status` how a refusal looks on the wire; the generated types go no further than this module.

mod answer;
mod authorization;
mod decode;
mod fields;
mod import;
mod request;
mod service;
mod status;
mod trace;
mod violation;

pub use service::OrderCommandApi;
