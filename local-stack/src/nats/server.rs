//! One running server: started as a child in its own process group, stopped with this value, gone with this process.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{NatsError, program};
use crate::{Storage, folder::lock, lifeline::Lifeline};

/// How long a start may take: the server may have much to recover.
const START_PATIENCE: Duration = Duration::from_secs(30);
/// How long a stop may take before the server is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// How long a server may take to answer one connection.
const ANSWER: Duration = Duration::from_millis(500);

/// How to start a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsOptions {
    /// Where the streams are.
    pub storage: Storage,
    /// Where it listens; port 0 for any free one.
    pub address: SocketAddr,
    /// Further settings, as a configuration file has them; with them, whoever connects may need more than the URL.
    pub settings: String,
}

impl NatsOptions {
    /// A server on a free port whose streams go with it: for tests.
    pub fn for_tests() -> Self {
        Self {
            storage: Storage::ThrowAway,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            settings: String::new(),
        }
    }
}

/// A running NATS server with JetStream. Stops when dropped, and also when this process is killed.
#[derive(Debug)]
pub struct NatsServer {
    child: Child,
    _lifeline: Lifeline,
    address: SocketAddr,
    home: PathBuf,
    _temporary: Option<tempfile::TempDir>,
    _lock: Option<File>,
}

impl NatsServer {
    /// Starts a server and waits until it accepts connections; 10 ms, more if its program has to be downloaded or much has to be
    /// recovered. Blocks.
    pub fn start(options: &NatsOptions) -> Result<Self, NatsError> {
        let program = program::find()?;
        let (home, folder, lock) = match &options.storage {
            Storage::ThrowAway => {
                let folder = tempfile::Builder::new().prefix("orders-nats-").tempdir();
                let folder = folder.map_err(NatsError::io("make a temporary folder"))?;
                (folder.path().to_owned(), Some(folder), None)
            }
            Storage::Durable(home) => {
                fs::create_dir_all(home).map_err(NatsError::io(format!("make {}", home.display())))?;
                let lock = lock(home).map_err(NatsError::io(format!("lock {}", home.display())))?;
                let lock = lock.ok_or_else(|| NatsError::InUse(home.clone()))?;
                stop_leftover(&home.join("pid"));
                (home.clone(), None, Some(lock))
            }
        };
        let listener = TcpListener::bind(options.address).and_then(|listener| listener.local_addr());
        let address = listener.map_err(|_| NatsError::AddressTaken(options.address))?;
        let log = home.join("nats.log");
        let child = launch(&program, options, &home, &log, address)?;
        let (signal, gone) = match &folder {
            Some(folder) => ("KILL", Some(folder.path())),
            None => ("TERM", None),
        };
        let lifeline = Lifeline::tie(child.id(), signal, gone).map_err(NatsError::io("start /bin/sh"))?;
        let mut server = Self { child, _lifeline: lifeline, address, home, _temporary: folder, _lock: lock };
        server.wait_until_ready(&log)?;
        Ok(server)
    }

    /// The URL to connect to. It holds no secret.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its streams, its log and its settings are.
    pub fn folder(&self) -> &Path {
        &self.home
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How the server ended, if it did.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Kills it at once (SIGKILL), as a crash would.
    pub fn kill(mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Stops it. Takes 5 s at most; blocks.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        if self.exit_status().is_none() && kill_process(Pid::from_child(&self.child), Signal::TERM).is_ok() {
            let asked = Instant::now();
            while self.exit_status().is_none() && asked.elapsed() < STOP_PATIENCE {
                thread::sleep(Duration::from_millis(2));
            }
        }
        // Does nothing to a process that has ended and been waited for.
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Waits until the server says who it is to whoever connects.
    fn wait_until_ready(&mut self, log: &Path) -> Result<(), NatsError> {
        let start = Instant::now();
        loop {
            let status = self.exit_status();
            if status.is_some() || start.elapsed() > START_PATIENCE {
                return Err(NatsError::NotReady { status, log: tail(log) });
            }
            if greets(self.address) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(3));
        }
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.shut_down();
    }
}

fn launch(
    program: &Path,
    options: &NatsOptions,
    home: &Path,
    log: &Path,
    address: SocketAddr,
) -> Result<Child, NatsError> {
    let settings = home.join("nats.conf");
    fs::write(&settings, &options.settings)
        .map_err(NatsError::io(format!("write {}", settings.display())))?;
    let log_file = File::create(log).map_err(NatsError::io(format!("write {}", log.display())))?;
    let mut command = Command::new(program);
    command.arg("--config").arg(&settings).arg("--jetstream").arg("--store_dir").arg(home.join("streams"));
    command.args(["--addr", &address.ip().to_string(), "--port", &address.port().to_string()]);
    command.arg("--pid").arg(home.join("pid"));
    // Ctrl-C in a terminal goes to a whole group; the order of stopping is ours to choose.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log_file);
    command.spawn().map_err(NatsError::io("start nats-server"))
}

/// Stops a server that a killed run left behind; its note of itself says which.
fn stop_leftover(note: &Path) {
    let noted =
        fs::read_to_string(note).ok().and_then(|text| text.trim().parse().ok()).and_then(Pid::from_raw);
    let Some(pid) = noted.filter(|pid| is_nats(*pid)) else { return };
    kill_process(pid, Signal::TERM).ok();
    let asked = Instant::now();
    while test_kill_process(pid).is_ok() && asked.elapsed() < STOP_PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Whether the process is a NATS server, and not one that merely got the number of one.
fn is_nats(pid: Pid) -> bool {
    let pid = pid.as_raw_nonzero().to_string();
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).or_else(|_| {
        let output = Command::new("ps").args(["-p", &pid, "-o", "comm="]).output()?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&output.stdout).into_owned())
    });
    name.is_ok_and(|name| name.trim().ends_with("nats-server"))
}

fn greets(address: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect_timeout(&address, ANSWER) else { return false };
    let mut line = String::new();
    stream.set_read_timeout(Some(ANSWER)).is_ok()
        && BufReader::new(stream).read_line(&mut line).is_ok()
        && line.starts_with("INFO ")
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
