//! Connections that check the server's certificate, and may show one.

use std::{io, net::SocketAddr, sync::Arc};

use hyper_util::rt::TokioIo;
use tokio::{io::AsyncReadExt, net::TcpStream};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::aws_lc_rs::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    },
};
use tonic::{
    codegen::http::Uri,
    transport::{Channel, Endpoint, Error},
};

use super::authority::{Authority, Certificate};

/// A connection that calls go over.
pub(super) async fn connect(
    address: SocketAddr,
    trusted: &Authority,
    shown: Option<&Certificate>,
) -> Result<Channel, Error> {
    let connector = connector(trusted, shown);
    let connect = tower::service_fn(move |_: Uri| {
        let connector = connector.clone();
        async move { shake(&connector, address).await.map(TokioIo::new) }
    });
    // The connector encrypts: the endpoint has nothing to add.
    Endpoint::from_static("http://localhost").connect_with_connector(connect).await
}

/// Why the server ends a connection over which nothing is said.
pub(super) async fn alert(address: SocketAddr, trusted: &Authority, shown: Option<&Certificate>) -> String {
    let ended = async {
        let mut stream = shake(&connector(trusted, shown), address).await?;
        // With TLS 1.3 the client is done before the server has looked at its certificate.
        stream.read_to_end(&mut Vec::new()).await
    };
    match ended.await {
        Ok(_) => "none".to_owned(),
        Err(error) => error.to_string(),
    }
}

async fn shake(connector: &TlsConnector, address: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost").unwrap();
    connector.connect(name, TcpStream::connect(address).await?).await
}

fn connector(trusted: &Authority, shown: Option<&Certificate>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.text().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match shown {
        None => config.with_no_client_auth(),
        Some(shown) => {
            let certificate = CertificateDer::from_pem_slice(shown.text.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap();
            config.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config).into()
}
