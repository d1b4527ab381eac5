//! One running server: started as a child in its own process group, stopped with this value, gone with this process.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use uuid::Uuid;

use super::{PostgresError, account::Account, binaries::Binaries, data, launch::Launch, leftover};
use crate::{folder::lock, lifeline::Lifeline};

/// How long each of the ways to stop may take before the next, harder one.
const STOP_PATIENCE: Duration = Duration::from_secs(3);

/// Where a server keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In this folder, made if needed; the data outlives the server.
    Durable(PathBuf),
    /// In a new temporary folder that goes with the server.
    ThrowAway,
}

/// Whether what was committed has to survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Yes: as a server does by default.
    Full,
    /// No: commits do not wait for the disk. For data that nobody will miss.
    None,
}

/// How to start a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Where the data is.
    pub storage: Storage,
    /// Whether it survives a crash of the machine.
    pub durability: Durability,
    /// Further settings of the server, such as (`max_connections`, `200`).
    pub settings: Vec<(String, String)>,
}

/// A running PostgreSQL server with the superuser `postgres`. Stops when dropped, and also when this process is killed.
#[derive(Debug)]
pub struct PostgresServer {
    child: Child,
    // Before the folder: the watcher must let go of it first.
    _lifeline: Lifeline,
    runtime: tempfile::TempDir,
    data: PathBuf,
    port: u16,
    version: u32,
    password: String,
    pub(super) options: PostgresOptions,
    _lock: Option<File>,
}

impl PostgresServer {
    /// Starts a server and waits until it accepts connections; 25 ms to 1 s, more if its programs have to be downloaded
    /// or its data recovered. Blocks.
    pub fn start(options: &PostgresOptions) -> Result<Self, PostgresError> {
        Self::start_from(options, data::initialise)
    }

    /// As [`PostgresServer::start`], with a data folder that `make` makes, if there is none yet.
    pub(super) fn start_from(
        options: &PostgresOptions,
        make: impl FnOnce(&Binaries, Account, &Path, &str) -> Result<(), PostgresError>,
    ) -> Result<Self, PostgresError> {
        let account = Account::choose()?;
        let runtime = data::runtime_folder(account)?;
        let (home, lock) = match &options.storage {
            Storage::ThrowAway => (runtime.path().to_owned(), None),
            Storage::Durable(folder) => {
                let home = data::reachable(folder, account)?;
                let lock = lock(&home)
                    .map_err(PostgresError::io(format!("lock {}", home.display())))?
                    .ok_or_else(|| PostgresError::InUse(home.clone()))?;
                (home, Some(lock))
            }
        };
        // The server notes its data folder by its whole name, and does not run in our current folder.
        let home =
            fs::canonicalize(&home).map_err(PostgresError::io(format!("look at {}", home.display())))?;
        let data = home.join("data");
        leftover::stop(&data)?;
        let made_by = data::version_of(&data)?;
        let binaries = Binaries::find(made_by, account).map_err(|error| match (error, made_by) {
            (PostgresError::NotFound { .. }, Some(made_by)) => {
                PostgresError::OtherVersion { folder: data.clone(), made_by }
            }
            (error, _) => error,
        })?;
        let password = password(&home)?;
        if made_by.is_none() {
            make(&binaries, account, &data, &password)?;
        }
        let launch = Launch { binaries: &binaries, account, options, home: &home, runtime: runtime.path() };
        let (child, lifeline, port) = launch.start()?;
        let (version, options) = (binaries.version(), options.clone());
        Ok(Self { child, _lifeline: lifeline, runtime, data, port, version, password, options, _lock: lock })
    }

    /// URL of `database` through the server's socket, which only its own user (and root) can reach. It holds no secret.
    pub fn url(&self, database: &str) -> String {
        let folder = self.runtime.path().to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/{database}", self.port)
    }

    /// URL of `database` through TCP on 127.0.0.1. It holds the password.
    pub fn tcp_url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The data folder. It is not in the folder that was asked for if root asked and the server's user cannot get there.
    pub fn data_folder(&self) -> &Path {
        &self.data
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The process ids of the server and of all its children, the server's own first.
    pub fn processes(&self) -> Vec<u32> {
        let parent = self.child.id().to_string();
        let children = Command::new("pgrep").args(["-P", &parent]).stderr(Stdio::null()).output();
        let children = children.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let children = children.unwrap_or_default();
        let children = children.lines().filter_map(|line| line.trim().parse().ok());
        [self.child.id()].into_iter().chain(children).collect()
    }

    /// Kills the server and all its children at once (SIGKILL), as a crash would. What was on disk can be started again.
    pub fn kill(mut self) {
        let processes = self.processes();
        // Its own parent's first: it would start others in their place.
        for pid in processes.into_iter().filter_map(|pid| Pid::from_raw(pid.cast_signed())) {
            kill_process(pid, Signal::KILL).ok();
        }
        self.child.wait().ok();
    }

    /// The server's major version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// How the server ended, if it did.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Stops the server: open connections are closed, what was committed is on disk. Takes 6 s at most; blocks.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        let pid = Pid::from_child(&self.child);
        // With nothing to keep there is no use in a last checkpoint.
        let first = if self.options.durability == Durability::None { Signal::QUIT } else { Signal::INT };
        for signal in [first, Signal::QUIT] {
            if self.exit_status().is_some() || kill_process(pid, signal).is_err() {
                break;
            }
            let asked = Instant::now();
            while self.exit_status().is_none() && asked.elapsed() < STOP_PATIENCE {
                thread::sleep(Duration::from_millis(2));
            }
        }
        // Does nothing to a process that has ended and been waited for.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// The superuser's password, made at random the first time.
fn password(home: &Path) -> Result<String, PostgresError> {
    let path = home.join("password");
    if let Ok(password) = fs::read_to_string(&path) {
        return Ok(password);
    }
    let password = Uuid::new_v4().simple().to_string();
    File::create(&path)
        .and_then(|file| file.set_permissions(fs::Permissions::from_mode(0o600)).map(|()| file))
        .and_then(|mut file| file.write_all(password.as_bytes()))
        .map_err(PostgresError::io(format!("write {}", path.display())))?;
    Ok(password)
}
