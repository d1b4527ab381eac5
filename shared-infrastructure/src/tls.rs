//! TLS, with rustls: of callers to a service, and of a service to its database.

mod client;
mod files;
mod reload;
mod server;
mod stream;

use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};

pub(crate) use client::{Checks, Identity, connector, permissive};
pub(crate) use files::PemFile;
pub use server::ServerTls;
pub(crate) use stream::Stream;

/// The one library for cryptography. It is named wherever TLS is set up, so that no order of starting things matters.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}
