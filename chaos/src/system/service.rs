//! One process of a service, started as often as it has to be.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use local_stack::{Output, Service, ServiceError, ServiceOptions, ServiceProcess};
use tokio::time::{sleep, timeout};

use crate::plan::Node;

/// How long a service may fail to start: what it needs may be away itself.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait before it is started again.
const PAUSE: Duration = Duration::from_millis(100);

/// See the module.
pub(super) struct Keeper {
    node: Node,
    options: ServiceOptions,
    fails_on_purpose: bool,
    process: Option<ServiceProcess>,
}

impl Keeper {
    /// Keeps a service that is not started yet.
    pub(super) fn new(
        node: Node,
        database_url: String,
        broker: Option<SocketAddr>,
        failpoints: Option<String>,
    ) -> Self {
        let service = match node {
            Node::Command(_) => Service::Command,
            Node::Query(_) => Service::Query,
        };
        let mut options = ServiceOptions::new(service, "127.0.0.1:0", &database_url).output(Output::Keep);
        if let Some(broker) = broker {
            options = options.environment("NATS_URL", format!("nats://{broker}"));
            options = options.environment("RELAY_LEASE", "1s");
        }
        let failpoints = failpoints.filter(|_| service == Service::Command);
        let fails_on_purpose = failpoints.is_some();
        if let Some(failpoints) = failpoints {
            options =
                options.program_named("command-service-failpoints").environment("FAILPOINTS", failpoints);
        }
        Self { node, options, fails_on_purpose, process: None }
    }

    /// Which one it is.
    pub(super) fn node(&self) -> Node {
        self.node
    }

    /// Its process id, if it runs.
    pub(super) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(ServiceProcess::pid)
    }

    /// Whether its end is no surprise.
    pub(super) fn may_end(&self) -> bool {
        self.fails_on_purpose
    }

    /// Starts it, however often it takes: where it listens.
    pub(super) async fn start(&mut self) -> Result<SocketAddr, ServiceError> {
        let begin = Instant::now();
        loop {
            match ServiceProcess::start(self.options.clone()).await {
                Ok(process) => {
                    let address = process.address();
                    self.process = Some(process);
                    return Ok(address);
                }
                Err(ServiceError::Exited { .. }) if begin.elapsed() < PATIENCE => sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Kills it, if it runs.
    pub(super) async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            // One that cannot be waited for is ended by its lifeline.
            process.kill().await.ok();
        }
    }

    /// How it ended, if it did so by itself and was not asked yet.
    pub(super) async fn death(&mut self) -> Option<String> {
        let process = self.process.as_mut()?;
        let status = timeout(Duration::ZERO, process.wait()).await.ok()?;
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let death = format!("{:?} ended by itself with {status}:\n{}", self.node, process.output());
        self.process = None;
        Some(death)
    }
}
