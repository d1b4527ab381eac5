//! What probes are told of a relay that is a process of its own.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{World, holds_soon};

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_publishes_is_ready() {
    let world = World::new().await;
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let relay = world.relay(&["--ops-address", &address.to_string()]);
    assert!(holds_soon(async || is_ready(address).await).await, "{}", relay.log());
    assert!(relay.stop().await.success());
    assert!(!is_ready(address).await);
}

async fn is_ready(address: SocketAddr) -> bool {
    let asking = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200 "))
    };
    asking.await.unwrap_or(false)
}
