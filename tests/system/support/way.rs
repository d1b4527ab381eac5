//! The way to a database whose server may be another one each time: one address, whoever is behind it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// Passes connections on.
pub(crate) struct Way {
    address: SocketAddr,
    target: Arc<Mutex<Option<SocketAddr>>>,
}

impl Way {
    /// One that leads nowhere yet: whoever comes is sent away.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::<Mutex<Option<SocketAddr>>>::default();
        let current = Arc::clone(&target);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(target) = *current.lock().unwrap() else { continue };
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(target).await.ok()?;
                    copy_bidirectional(&mut stream, &mut server).await.ok()
                });
            }
        });
        Self { address, target }
    }

    /// The URL of a database behind it, in place of the URL there.
    pub(crate) fn url(&self, url: &str) -> String {
        url.replace(&format!("127.0.0.1:{}", port(url)), &self.address.to_string())
    }

    /// Leads to the server of this URL.
    pub(crate) fn lead_to(&self, url: &str) {
        *self.target.lock().unwrap() = Some(SocketAddr::from(([127, 0, 0, 1], port(url))));
    }
}

fn port(url: &str) -> u16 {
    let config: tokio_postgres::Config = url.parse().unwrap();
    config.get_ports()[0]
}
