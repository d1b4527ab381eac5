//! The client's side: how much of the server's certificate is checked, and what we show ourselves.

use std::sync::{Arc, LazyLock};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    server::ParsedCertificate,
};

use super::provider;

/// What PostgreSQL's servers call their protocol.
const PROTOCOL: &[u8] = b"postgresql";

/// What has to be true of the server's certificate, besides that the server has its key.
#[derive(Debug, Clone)]
pub(crate) enum Checks {
    /// Nothing: what is sent cannot be read on the way, but whoever sits there may be the server.
    Nothing,
    /// It comes from one of these authorities.
    Authority(RootCertStore),
    /// It does, and it is for the host that was meant.
    AuthorityAndName(RootCertStore),
}

/// A certificate to show, with those between it and its authority, and its key.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// What opens TLS connections to PostgreSQL.
///
/// # Errors
/// The key cannot be used, or is another certificate's.
pub(crate) fn connector(checks: Checks, identity: Option<Identity>) -> Result<MakeRustlsConnect, Error> {
    let provider = provider();
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::ALL_VERSIONS)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { checks, algorithms }));
    let mut config = match identity {
        Some((certificates, key)) => builder.with_client_auth_cert(certificates, key)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

/// What encrypts for whoever is there.
pub(crate) fn permissive() -> MakeRustlsConnect {
    static CONNECTOR: LazyLock<MakeRustlsConnect> =
        LazyLock::new(|| connector(Checks::Nothing, None).expect("TLS without a key can be set up"));
    CONNECTOR.clone()
}

#[derive(Debug)]
struct Verifier {
    checks: Checks,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let authorities = match &self.checks {
            Checks::Nothing => return Ok(ServerCertVerified::assertion()),
            Checks::Authority(authorities) | Checks::AuthorityAndName(authorities) => authorities,
        };
        let certificate = ParsedCertificate::try_from(certificate)?;
        verify_server_cert_signed_by_trust_anchor(
            &certificate,
            authorities,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        if matches!(self.checks, Checks::AuthorityAndName(_)) {
            verify_server_name(&certificate, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
