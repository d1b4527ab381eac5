//! Follows what a process prints: keeps the end of it, passes it on, and finds the line that says where it listens.

use std::{
    collections::VecDeque,
    future::pending,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Child,
    sync::watch,
    task::JoinHandle,
};

/// How many lines are kept.
const KEPT: usize = 400;

/// What becomes of a process's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Its last lines are kept, and each is written to our standard error with the process's name before it.
    Forward,
    /// Its last lines are kept.
    Keep,
    /// All its lines are kept.
    KeepAll,
}

/// The output of one process, as it comes.
#[derive(Debug)]
pub(super) struct Lines {
    kept: Arc<Mutex<VecDeque<String>>>,
    ready: watch::Receiver<Option<SocketAddr>>,
    followers: Vec<JoinHandle<()>>,
}

impl Lines {
    /// Begins to follow both streams of `child`.
    pub(super) fn follow(name: &'static str, child: &mut Child, output: Output) -> Self {
        let kept = Arc::new(Mutex::new(VecDeque::new()));
        let (found, ready) = watch::channel(None);
        let follower = Follower { name, output, kept: Arc::clone(&kept), found };
        let mut followers = Vec::new();
        if let Some(stream) = child.stdout.take() {
            followers.push(tokio::spawn(follower.clone().run(stream)));
        }
        if let Some(stream) = child.stderr.take() {
            followers.push(tokio::spawn(follower.run(stream)));
        }
        Self { kept, ready, followers }
    }

    /// Waits for the line `NAME ready on ADDRESS`, without end.
    pub(super) async fn ready_address(&mut self) -> SocketAddr {
        match self.ready.wait_for(Option::is_some).await.map(|address| *address) {
            Ok(Some(address)) => address,
            _ => pending().await,
        }
    }

    /// Waits until both streams have ended.
    pub(super) async fn ended(&mut self) {
        for follower in self.followers.drain(..) {
            follower.await.ok();
        }
    }

    /// The last lines.
    pub(super) fn text(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

#[derive(Clone)]
struct Follower {
    name: &'static str,
    output: Output,
    kept: Arc<Mutex<VecDeque<String>>>,
    found: watch::Sender<Option<SocketAddr>>,
}

impl Follower {
    async fn run(self, stream: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            self.take(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
    }

    fn take(&self, line: String) {
        if let Some(address) = ready_address(self.name, &line) {
            self.found.send_replace(Some(address));
        } else if self.output == Output::Forward {
            eprintln!("{:<15} | {line}", self.name);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && self.output != Output::KeepAll {
            kept.pop_front();
        }
        kept.push_back(line);
    }
}

/// Reads `NAME ready on ADDRESS`.
fn ready_address(name: &str, line: &str) -> Option<SocketAddr> {
    line.strip_prefix(name)?.strip_prefix(" ready on ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_is_read_and_nothing_else() {
        let address = ready_address("query-service", "query-service ready on 127.0.0.1:4242");
        assert_eq!(address, Some(SocketAddr::from(([127, 0, 0, 1], 4242))));
        assert_eq!(ready_address("query-service", "command-service ready on 127.0.0.1:4242"), None);
        assert_eq!(ready_address("query-service", "query-service ready on the moon"), None);
    }
}
