//! Starts the server's process and waits for it. What it serves from is ready by then.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Durability, PostgresError, PostgresOptions, account::Account, binaries::Binaries};
use crate::lifeline::Lifeline;

/// How long a start may take: the server may have to recover a large log first.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// How often another free port is tried when somebody was quicker to take the last one.
const PORT_TRIES: usize = 5;

/// Everything known before the process starts.
pub(super) struct Launch<'a> {
    pub(super) binaries: &'a Binaries,
    pub(super) account: Account,
    pub(super) options: &'a PostgresOptions,
    pub(super) home: &'a Path,
    pub(super) runtime: &'a Path,
}

impl Launch<'_> {
    /// Starts the server on a free port and waits until it accepts connections.
    pub(super) fn start(&self) -> Result<(Child, Lifeline, u16), PostgresError> {
        let mut tries = 0;
        loop {
            let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
            let port = free.map_err(PostgresError::io("find a free port"))?.port();
            tries += 1;
            match self.start_on(port) {
                Ok((child, lifeline)) => return Ok((child, lifeline, port)),
                Err(PostgresError::Exited { log, .. })
                    if tries < PORT_TRIES && log.contains("could not bind") => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn start_on(&self, port: u16) -> Result<(Child, Lifeline), PostgresError> {
        let log = self.home.join("postgres.log");
        let log_file = File::create(&log).map_err(PostgresError::io(format!("write {}", log.display())))?;
        let data = self.home.join("data");
        let mut command = self.account.command(&self.binaries.program("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(self.runtime).args(["-p", &port.to_string()]);
        command.args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "log_destination=stderr",
            "-c",
            "logging_collector=off",
        ]);
        command.args(["-c", "unix_socket_permissions=0700"]);
        if self.options.durability == Durability::None {
            command.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
        }
        for (name, value) in &self.options.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.process_group(0).stdout(Stdio::null()).stderr(log_file);
        let mut child = command.spawn().map_err(PostgresError::io("start postgres"))?;
        let signal = if self.options.durability == Durability::None { "QUIT" } else { "INT" };
        let outcome = Lifeline::tie(child.id(), signal, Some(self.runtime))
            .map_err(PostgresError::io("start /bin/sh"))
            .and_then(|lifeline| self.wait_until_ready(&mut child, &data, &log).map(|()| lifeline));
        match outcome {
            Ok(lifeline) => Ok((child, lifeline)),
            Err(error) => {
                child.kill().ok();
                child.wait().ok();
                Err(error)
            }
        }
    }

    /// Waits for the word `ready` in the server's own notes; that of a standby is `standby`.
    fn wait_until_ready(&self, child: &mut Child, data: &Path, log: &Path) -> Result<(), PostgresError> {
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(PostgresError::io("wait for postgres"))? {
                return Err(PostgresError::Exited { status, log: tail(log) });
            }
            let notes = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            let ours = notes.lines().next() == Some(child.id().to_string().as_str());
            if ours && notes.lines().nth(7).is_some_and(|line| ["ready", "standby"].contains(&line.trim())) {
                return Ok(());
            }
            if start.elapsed() > START_PATIENCE {
                return Err(PostgresError::NotReady { seconds: START_PATIENCE.as_secs(), log: tail(log) });
            }
            thread::sleep(Duration::from_millis(3));
        }
    }
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
