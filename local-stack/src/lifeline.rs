//! Ends a process when this one is gone, however it went.
//!
//! A small shell waits on a pipe whose other end is ours. The kernel closes our end when we end, also by `kill -9`, and
//! then the shell ends the process in its care. A parent-death signal would do it too, but only on Linux, bound to the
//! thread that started the process, and not without unsafe code.

use std::{
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

const SCRIPT: &str = r#"
read -r _
kill -s "$2" "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 200 ]; do tries=$((tries + 1)); sleep 0.1; done
kill -s KILL "$1" 2>/dev/null
[ -z "$3" ] || rm -rf -- "$3"
"#;

/// Watches over one process; letting go of it (drop) leaves that process alone.
#[derive(Debug)]
pub(crate) struct Lifeline {
    watcher: Child,
}

impl Lifeline {
    /// When this process is gone: sends `signal` (a name such as `INT`) to `pid`, waits 20 s at most for its end, kills
    /// it, and removes `folder`.
    pub(crate) fn tie(pid: u32, signal: &str, folder: Option<&Path>) -> io::Result<Self> {
        let watcher = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "lifeline", &pid.to_string(), signal])
            .arg(folder.unwrap_or(Path::new("")))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { watcher })
    }
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        // Killed before the pipe closes: the child's standard input is dropped after this.
        if self.watcher.kill().is_ok() {
            self.watcher.wait().ok();
        }
    }
}
