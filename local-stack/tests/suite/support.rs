//! Helper processes that play an owner who gets killed, and a way to ask a server.
use std::{
    env,
    fmt::Display,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;
use tokio_postgres::{NoTls, SimpleQueryMessage};

pub(super) const PART: &str = "LOCAL_STACK_TEST_PART";
const MARK: &str = "helper says: ";

/// This test program once more, playing a part.
pub(super) struct Helper {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts the test of that name, one that calls [`play`], in a process of its own.
    pub(super) fn start(test: &str, part: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(PART, part)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// The next thing it says.
    pub(super) fn line(&mut self) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some((_, said)) = line.split_once(MARK) {
                return said.trim().to_owned();
            }
            line.clear();
        }
        panic!("the helper ended")
    }

    /// The next thing it says, a process id.
    pub(super) fn number(&mut self) -> u32 {
        self.line().parse().unwrap()
    }

    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Runs `part` and keeps what it made until it is killed, if this process is a helper.
pub(super) fn play<T>(part: impl FnOnce(&str) -> T) {
    if let Ok(name) = env::var(PART) {
        let _made = part(&name);
        thread::sleep(Duration::from_secs(120));
    }
}

pub(super) fn say(what: impl Display) {
    println!("\n{MARK}{what}");
}

/// A new folder that every user can get at, whatever the umask.
pub(super) fn open_folder() -> TempDir {
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap()
}

/// Whether a process is there and not merely waiting for its parent to look at its end.
pub(super) fn alive(pid: u32) -> bool {
    let there = test_kill_process(Pid::from_raw(pid.cast_signed()).unwrap()).is_ok();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next());
    there && state != Some('Z')
}

pub(super) fn kill(pid: u32) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}

/// A child of a process, by its name; the system may have cut that to 15 characters.
pub(super) fn child_of(parent: u32, name: &str) -> Option<u32> {
    let parent = parent.to_string();
    processes().into_iter().find_map(|[pid, its_parent, command]| {
        (its_parent == parent && command.ends_with(&name[..name.len().min(15)])).then(|| pid.parse().ok())?
    })
}

/// Id, parent's id and name of every process; `ps` is not on every Linux machine.
fn processes() -> Vec<[String; 3]> {
    let Ok(entries) = fs::read_dir("/proc") else {
        let output = Command::new("ps").args(["-A", "-o", "pid=,ppid=,comm="]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        return lines.filter_map(|words| words.try_into().ok()).collect();
    };
    let stats = entries.flatten().filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter_map(|stat| {
            let (pid, rest) = stat.split_once(" (")?;
            let (command, rest) = rest.rsplit_once(") ")?;
            Some([pid.to_owned(), rest.split(' ').nth(1)?.to_owned(), command.to_owned()])
        })
        .collect()
}

pub(super) fn wait_until(what: &str, patience: Duration, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < patience, "not so after {patience:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a statement; the first column of the first row, or nothing.
pub(super) async fn query(url: &str, statement: &str) -> Result<String, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let messages = client.simple_query(statement).await?;
    let value = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(value.unwrap_or_default().to_owned())
}
