//! The other end of a connection.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;

/// Who a connection is with, as far as the connection itself tells. Each of its calls has it in the extensions.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// The certificates that the client proved to be its own, its own one first; empty without TLS or without a client certificate.
    /// They were verified against the configured authorities.
    pub certificates: Arc<[CertificateDer<'static>]>,
}
