//! Where the operations listener is.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
};

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use crate::{
    database::Pool,
    ops::{Ops, Readiness},
};

/// The flags of the operations listener. `PORT` is the service's default one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Operations")]
pub struct OpsArgs<const PORT: u16> {
    /// Address and port to tell over HTTP whether the process lives (`/livez`) and is ready for calls (`/readyz`); port 0 takes any
    /// free one, and `none` turns it off
    #[arg(long, env, value_name = "ADDRESS", default_value_t = OpsAddress(Some((Ipv4Addr::LOCALHOST, PORT).into())))]
    pub ops_address: OpsAddress,
}

impl<const PORT: u16> OpsArgs<PORT> {
    /// Answers from `readiness`, for which it looks after `databases`: pools that nobody else uses. None if it is turned off.
    ///
    /// # Errors
    /// If the address is not of this machine, is in use, or may not be used; or the machine has no thread to give.
    pub async fn start(&self, databases: Vec<Pool>, readiness: Readiness) -> anyhow::Result<Option<Ops>> {
        let Some(address) = self.ops_address.0 else { return Ok(None) };
        let bound = TcpListener::bind(address).await;
        let listener = bound.with_context(|| format!("--ops-address: cannot listen on {address}"))?;
        Ok(Some(Ops::start(listener, databases, readiness)?))
    }
}

/// An address to listen on, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpsAddress(Option<SocketAddr>);

impl FromStr for OpsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        let address = text.parse();
        address.map(|address| Self(Some(address))).map_err(|_| "expected ADDRESS:PORT or none".to_owned())
    }
}

impl fmt::Display for OpsAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(formatter),
            None => formatter.write_str("none"),
        }
    }
}
