//! A client that checks certificates, and may show one.

use std::{io, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        self, ClientConfig, RootCertStore, SupportedProtocolVersion, crypto::aws_lc_rs::default_provider,
    },
};

use crate::certificates::{Authority, Certificate};

/// How to connect.
pub(crate) struct Client<'c> {
    pub(crate) trusts: &'c Authority,
    pub(crate) shows: Option<&'c Certificate>,
    pub(crate) versions: &'c [&'static SupportedProtocolVersion],
    pub(crate) protocol: &'c str,
}

impl<'c> Client<'c> {
    pub(crate) fn trusting(trusts: &'c Authority) -> Self {
        Self { trusts, shows: None, versions: rustls::ALL_VERSIONS, protocol: "h2" }
    }

    pub(crate) fn showing(trusts: &'c Authority, certificate: &'c Certificate) -> Self {
        Self { shows: Some(certificate), ..Self::trusting(trusts) }
    }

    /// Shakes hands.
    pub(crate) async fn connect(&self, address: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.trusts.text().as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.shows {
            None => config.with_no_client_auth(),
            Some(shown) => {
                let certificate = CertificateDer::from_pem_slice(shown.text.as_bytes()).unwrap();
                let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap();
                config.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        config.alpn_protocols = vec![self.protocol.as_bytes().to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(address).await?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// Connects and calls once.
    pub(crate) async fn call(&self, address: SocketAddr) -> io::Result<String> {
        self.open(address).await?.call().await
    }

    /// Connects for many calls.
    pub(crate) async fn open(&self, address: SocketAddr) -> io::Result<Connection> {
        let stream = TokioIo::new(self.connect(address).await?);
        let (sender, driver) =
            http2::handshake(TokioExecutor::new(), stream).await.map_err(io::Error::other)?;
        tokio::spawn(driver);
        Ok(Connection(sender))
    }
}

/// A connection that calls go over.
pub(crate) struct Connection(http2::SendRequest<Full<Bytes>>);

impl Connection {
    /// The answer of the method, which takes an empty message.
    pub(crate) async fn call(&mut self) -> io::Result<String> {
        let request = Request::post("http://orders/orders.v1.OrderQueryService/Who")
            .header("content-type", "application/grpc")
            .body(Full::new(Bytes::from_static(&[0; 5])))
            .unwrap();
        self.0.ready().await.map_err(io::Error::other)?;
        let answer = self.0.send_request(request).await.map_err(io::Error::other)?;
        let body = answer.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(String::decode(body.slice(5..)).unwrap())
    }
}
