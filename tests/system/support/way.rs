//! The way to a database whose server may be another one each time: one address, whoever is behind it.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use local_stack::PostgresServer;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
};
use tokio_postgres::config::Host;

/// Passes connections on.
pub(crate) struct Way {
    address: SocketAddr,
    target: Arc<Mutex<PathBuf>>,
}

impl Way {
    /// The way to a server.
    pub(crate) async fn to(server: &PostgresServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(Mutex::new(socket(server)));
        let current = Arc::clone(&target);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let target = current.lock().unwrap().clone();
                tokio::spawn(async move {
                    let mut server = UnixStream::connect(target).await.ok()?;
                    copy_bidirectional(&mut stream, &mut server).await.ok()
                });
            }
        });
        Self { address, target }
    }

    /// The URL of a database by this way.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.address)
    }

    /// Leads to another server from now on.
    pub(crate) fn lead_to(&self, server: &PostgresServer) {
        *self.target.lock().unwrap() = socket(server);
    }
}

/// The server's socket, which asks for no password: to check one takes long in a program that is not optimised.
fn socket(server: &PostgresServer) -> PathBuf {
    let config: tokio_postgres::Config = server.url("postgres").parse().unwrap();
    let Host::Unix(folder) = &config.get_hosts()[0] else { panic!("no socket: {config:?}") };
    folder.join(format!(".s.PGSQL.{}", config.get_ports()[0]))
}
