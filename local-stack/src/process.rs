//! A service as the separate process it is: started, waited for until it is healthy, stopped, and noticed when it dies.

mod error;
mod health;
mod output;

use std::{
    env,
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::{Instant, timeout, timeout_at},
};

pub use error::ServiceError;
pub use output::Output;

use self::output::Lines;
use crate::lifeline::Lifeline;

/// How long a service may take to become healthy, migrations included.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// The services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// command-service; brings the schema up to date when it starts.
    Command,
    /// query-service.
    Query,
}

impl Service {
    /// The name of its program, with which its `ready on` line begins.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command-service",
            Self::Query => "query-service",
        }
    }

    /// The full name of its gRPC service, for health checks.
    fn health_name(self) -> &'static str {
        match self {
            Self::Command => "orders.v1.OrderCommandService",
            Self::Query => "orders.v1.OrderQueryService",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Command => &["serve", "--migrate"],
            Self::Query => &["serve"],
        }
    }
}

/// How to start a service.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    service: Service,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    output: Output,
}

impl ServiceOptions {
    /// The program beside the running one, or beside the folder of test programs that the running one is in; it serves
    /// on `listen_address` from the database at `database_url`.
    pub fn new(service: Service, listen_address: &str, database_url: &str) -> Self {
        let mut arguments: Vec<String> =
            service.arguments().iter().map(|&argument| argument.to_owned()).collect();
        arguments.extend(["--listen-address".to_owned(), listen_address.to_owned()]);
        // In the environment, because it may hold a password, and everybody can see command lines.
        let environment = vec![("DATABASE_URL".to_owned(), database_url.to_owned())];
        let program = programs().join(service.name());
        Self { service, program, arguments, environment, output: Output::Forward }
    }

    /// Starts another program in its place.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        self.program = program.into();
        self.arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets an environment variable; the others are those of this process.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Says what becomes of its output; forwarded if never called.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }
}

/// The folder with the programs of this build.
fn programs() -> PathBuf {
    let mut folder = env::current_exe().unwrap_or_default();
    folder.pop();
    if folder.ends_with("deps") || folder.ends_with("examples") {
        folder.pop();
    }
    folder
}

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
            health::wait_until_serving(address, service.health_name()).await;
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

    /// The last lines of its output, standard error included.
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
