//! A service as the separate process it is: started, waited for until it is healthy, stopped, and noticed when it dies.

mod error;
mod health;
mod options;
mod output;

use std::{
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::{Instant, timeout, timeout_at},
};

pub use error::ServiceError;
pub use options::{Service, ServiceOptions};
pub use output::Output;

use self::output::Lines;
use crate::lifeline::Lifeline;

/// How long a service may take to become healthy, migrations included.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// A running, healthy service. Killed when dropped, and ended when this process is killed.
#[derive(Debug)]
pub struct ServiceProcess {
    service: Service,
    child: Child,
    pid: u32,
    lifeline: Option<Lifeline>,
    address: SocketAddr,
    lines: Lines,
}

impl ServiceProcess {
    /// Starts a service and waits, 60 s at most, until it has said where it listens and its health is SERVING.
    pub async fn start(options: ServiceOptions) -> Result<Self, ServiceError> {
        let service = options.service;
        let name = service.name();
        if !options.program.is_file() {
            return Err(ServiceError::NotBuilt { name, program: options.program });
        }
        let failed = |source| ServiceError::Io { name, source };
        let mut child = Command::new(&options.program)
            .args(&options.arguments)
            .env_remove("DATABASE_URL_FILE")
            .env_remove("MIGRATION_DATABASE_URL")
            .env_remove("NATS_URL")
            .env_remove("NATS_URL_FILE")
            // We ask for its health without TLS.
            .env_remove("TLS_CERTIFICATE_FILE")
            .env_remove("TLS_KEY_FILE")
            .env_remove("TLS_CLIENT_CA_FILE")
            .env_remove("TLS_CLIENT_AUTH")
            .envs(options.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C in a terminal goes to a whole group; the order of stopping is ours to choose.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pid = child.id().expect("a child that was not waited for has a process id");
        let lifeline = Lifeline::tie(pid, "TERM", None).map_err(failed)?;
        let mut lines = Lines::follow(name, &mut child, options.output);

        let deadline = Instant::now() + START_PATIENCE;
        let healthy = async {
            let address = lines.ready_address().await;
            if options.is_asked {
                health::wait_until_serving(address, service.health_name()).await;
            }
            address
        };
        let address = tokio::select! {
            status = child.wait() => {
                let status = status.map_err(failed)?;
                lines.ended().await;
                return Err(ServiceError::Exited { name, status, output: lines.text() });
            }
            ready = timeout_at(deadline, healthy) => ready.ok(),
        };
        let Some(address) = address else {
            return Err(ServiceError::NotReady {
                name,
                seconds: START_PATIENCE.as_secs(),
                output: lines.text(),
            });
        };
        Ok(Self { service, child, pid, lifeline: Some(lifeline), address, lines })
    }

    /// Which service it is.
    pub fn service(&self) -> Service {
        self.service
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What is kept of its output, standard error included.
    pub fn output(&self) -> String {
        self.lines.text()
    }

    /// Waits for its end. May be called again, and dropped at any point.
    pub async fn wait(&mut self) -> Result<ExitStatus, ServiceError> {
        let name = self.service.name();
        let status = self.child.wait().await.map_err(|source| ServiceError::Io { name, source })?;
        self.lifeline = None;
        Ok(status)
    }

    /// Asks it to end (SIGTERM), and kills it if it has not ended after `patience`.
    pub async fn stop(mut self, patience: Duration) -> Result<ExitStatus, ServiceError> {
        self.signal(Signal::TERM);
        if let Ok(ended) = timeout(patience, self.wait()).await {
            return ended;
        }
        self.kill().await
    }

    /// Kills it at once (SIGKILL), as a crash would.
    pub async fn kill(mut self) -> Result<ExitStatus, ServiceError> {
        self.signal(Signal::KILL);
        self.wait().await
    }

    /// Sends a signal, unless it has ended and been waited for: then the number may be another process's.
    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(pid) = pid {
            kill_process(pid, signal).ok();
        }
    }
}
