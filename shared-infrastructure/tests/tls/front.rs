//! A front of PostgreSQL that encrypts for it, as servers with TLS do: the one that tests start may have been built without.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use local_stack::PostgresServer;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_postgres::config::Host;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, RootCertStore, ServerConfig, crypto::aws_lc_rs::default_provider, server::WebPkiClientVerifier,
    },
};

use crate::certificates::{Authority, Certificate};

/// What a client asks first that would have TLS: a length, and what stands where versions of the protocol do.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// How a connection came that has begun to speak PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    Plain,
    Encrypted,
}

/// What stands behind a front.
#[derive(Clone)]
pub(crate) enum Behind {
    Socket(PathBuf),
    Port(SocketAddr),
}

impl Behind {
    /// The server's socket, which asks for no password.
    pub(crate) fn server(server: &PostgresServer) -> Self {
        let config: tokio_postgres::Config = server.url("postgres").parse().unwrap();
        let Host::Unix(folder) = &config.get_hosts()[0] else { panic!("no socket: {config:?}") };
        Self::Socket(folder.join(format!(".s.PGSQL.{}", config.get_ports()[0])))
    }

    /// Has it hear what the client said first, and all that the two say thereafter.
    async fn hear(self, first: &[u8], client: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        match self {
            Self::Socket(path) => join(first, client, UnixStream::connect(path).await?).await,
            Self::Port(address) => join(first, client, TcpStream::connect(address).await?).await,
        }
    }
}

/// A running front. It ends with the runtime of its test.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Front {
    /// Answers whoever asks for TLS that there is none.
    pub(crate) async fn without_tls(behind: Behind) -> Self {
        Self::start(behind, None).await
    }

    /// Shows a certificate; one with `clients` wants theirs, of that authority.
    pub(crate) async fn showing(
        certificate: &Certificate,
        clients: Option<&Authority>,
        behind: Behind,
    ) -> Self {
        Self::start(behind, Some(acceptor(certificate, clients))).await
    }

    async fn start(behind: Behind, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, came) = (listener.local_addr().unwrap(), Arc::default());
        let noted = Arc::clone(&came);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, tls.clone(), behind.clone(), Arc::clone(&noted)));
            }
        });
        Self { address, came }
    }

    /// The connections that have begun to speak PostgreSQL since the last time this was asked, in their order.
    pub(crate) fn came(&self) -> Vec<Came> {
        std::mem::take(&mut *self.came.lock().unwrap())
    }
}

async fn pass(
    mut stream: TcpStream,
    tls: Option<TlsAcceptor>,
    behind: Behind,
    came: Arc<Mutex<Vec<Came>>>,
) -> io::Result<()> {
    let mut first = [0; SSL_REQUEST.len()];
    stream.read_exact(&mut first).await?;
    if first == SSL_REQUEST {
        stream.write_all(if tls.is_some() { b"S" } else { b"N" }).await?;
        if let Some(tls) = tls {
            let mut stream = tls.accept(stream).await?;
            stream.read_exact(&mut first).await?;
            came.lock().unwrap().push(Came::Encrypted);
            return behind.hear(&first, stream).await;
        }
        stream.read_exact(&mut first).await?;
    }
    came.lock().unwrap().push(Came::Plain);
    behind.hear(&first, stream).await
}

async fn join(
    first: &[u8],
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
) -> io::Result<()> {
    server.write_all(first).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

fn acceptor(certificate: &Certificate, clients: Option<&Authority>) -> TlsAcceptor {
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(clients.text().as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(certificate.text.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Arc::new(config).into()
}
