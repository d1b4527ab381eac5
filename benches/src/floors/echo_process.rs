//! The echo service as a process of its own, as the services are.

use std::{
    env,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

/// A running echo service. It ends with this value, and when this process ends.
#[derive(Debug)]
pub(crate) struct EchoProcess {
    // Its standard input is open as long as this is: the end of it tells the process to end.
    child: Child,
    address: SocketAddr,
}

impl EchoProcess {
    /// Starts this program once more, to answer with messages of these lengths.
    pub(crate) fn start(get: usize, place: usize) -> Result<Self> {
        let program = env::current_exe().context("the path of this program")?;
        let mut child = Command::new(program)
            .args(["echo", &get.to_string(), &place.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the echo service")?;
        let mut port = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut port)?;
        }
        let port: u16 = port.trim().parse().context("the echo service did not start")?;
        Ok(Self { child, address: ([127, 0, 0, 1], port).into() })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for EchoProcess {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
