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

    /// How long calls in progress may go on once the service was told to stop; then they are cut. At most 15s
    #[arg(long, env, value_name = "TIME", default_value = "15s", value_parser = drain)]
    pub drain_timeout: Duration,

    /// How long to go on as before, but for a health of NOT_SERVING, once the service was told to stop: as long as it takes until
    /// nobody sends new clients here. At most 3s
    #[arg(long, env, value_name = "TIME", default_value = "0s", value_parser = delay)]
    pub shutdown_delay: Duration,
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

fn delay(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|_| "expected a time such as 0s or 3s".to_owned())?;
    if time <= Duration::from_secs(3) { Ok(time) } else { Err("must be at most 3s".to_owned()) }
}

fn drain(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time <= Duration::from_secs(15) { Ok(time) } else { Err("must be at most 15s".to_owned()) }
}
