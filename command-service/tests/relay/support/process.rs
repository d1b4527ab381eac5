//! Relays as the separate processes they are.

use std::{
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use local_stack::{Role, TestDatabase};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::holds_soon;

/// A running `command-service`. It is killed with this value.
pub(crate) struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Process {
    pub(crate) fn start(database: &TestDatabase, arguments: &[&str]) -> Self {
        let mut child =
            command(database, arguments).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let kept = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Self { child, log }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it has logged that.
    pub(crate) async fn says(&self, text: &str) {
        let said = holds_soon(async || self.log().contains(text)).await;
        assert!(said, "it does not say {text:?}:\n{}", self.log());
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap(), signal).unwrap();
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Tells it to stop, and waits for that.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        timeout(Duration::from_secs(10), self.child.wait()).await.unwrap().unwrap()
    }
}

/// What a call of `command-service` prints; it has to succeed.
pub(crate) async fn output(database: &TestDatabase, arguments: &[&str]) -> String {
    let output = command(database, arguments).output().await.unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn command(database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_command-service"));
    command
        .args(arguments)
        .env("DATABASE_URL", database.url_of(Role::Writer))
        .env("OPS_ADDRESS", "none")
        .env_remove("NATS_URL")
        .stdin(Stdio::null());
    command
}
