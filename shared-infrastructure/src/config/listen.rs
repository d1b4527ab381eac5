//! Where the service listens and how it leaves.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use super::database::duration;

/// The flags of the gRPC listener. `PORT` is the service's default one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Listener")]
pub struct ListenArgs<const PORT: u16> {
    /// Address and port to serve gRPC on; port 0 takes any free one
    #[arg(long, env, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)))]
    pub listen_address: SocketAddr,

    /// How long calls in progress may go on once the service was told to stop; then they are cut. At most 20s
    #[arg(long, env, value_name = "TIME", default_value = "15s", value_parser = drain)]
    pub drain_timeout: Duration,
}

impl<const PORT: u16> ListenArgs<PORT> {
    /// Starts to listen: from here on clients can connect, and wait until they are served.
    ///
    /// # Errors
    /// If the address is not of this machine, is in use, or may not be used.
    pub async fn bind(&self) -> anyhow::Result<TcpListener> {
        let address = self.listen_address;
        TcpListener::bind(address)
            .await
            .with_context(|| format!("--listen-address: cannot listen on {address}"))
    }
}

fn drain(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time <= Duration::from_secs(20) { Ok(time) } else { Err("must be at most 20s".to_owned()) }
}
