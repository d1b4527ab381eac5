//! The server's side: which certificate callers are shown, and which of theirs are believed.

use std::{io, net::SocketAddr, sync::Arc};

use rustls_pki_types::CertificateDer;
use tokio::{io::AsyncBufReadExt, net::TcpStream, sync::watch};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use super::{Stream, reload};
use crate::config::{ConfigError, TlsArgs};

/// TLS of a listener, with the files it is configured with as they are now.
#[derive(Debug, Clone)]
pub struct ServerTls {
    current: watch::Receiver<Arc<ServerConfig>>,
}

impl ServerTls {
    /// The configured TLS, for a service that listens on `address`; none if none is configured. From here on the files are
    /// looked at every few seconds, until the last clone of this value is gone: where they changed, new connections are shown
    /// what is in them. Files that cannot be used are said to be so once, and change nothing.
    ///
    /// # Errors
    /// [`ConfigError`] about the flag whose file cannot be used, or that lacks another.
    pub fn start(config: &TlsArgs, address: SocketAddr) -> Result<Option<Self>, ConfigError> {
        let Some(files) = reload::Files::of(config)? else {
            if !address.ip().is_loopback() {
                tracing::warn!(%address, "calls are not encrypted; --tls-certificate-file is not given");
            }
            return Ok(None);
        };
        Ok(Some(Self { current: files.follow()? }))
    }

    /// Shakes hands with a client, and waits for what it says first. The certificates are those that it proved to be its own,
    /// if it showed any, its own one first.
    ///
    /// # Errors
    /// The client leaves, speaks no TLS, or nothing that the configuration admits.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(Stream, Arc<[CertificateDer<'static>]>)> {
        let config = Arc::clone(&self.current.borrow());
        let mut stream = TlsAcceptor::from(config).accept(stream).await?;
        if stream.fill_buf().await?.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default().into();
        Ok((Stream::Encrypted(Box::new(stream)), certificates))
    }
}
