//! Deals with a server that an earlier, killed run left on the same data folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{PostgresError, data};

const PATIENCE: Duration = Duration::from_secs(20);
/// How long a process that does not show itself as this folder's server is given to do so.
const DOUBT: Duration = Duration::from_secs(1);

/// Stops a live server of `data_folder`, with everything it knows on disk, and waits for its end. A process that merely
/// got the number of a dead server is left alone.
pub(super) fn stop(data_folder: &Path) -> Result<(), PostgresError> {
    let start = Instant::now();
    let mut asked = false;
    while let Some(notes) = Notes::read(data_folder) {
        if test_kill_process(notes.pid).is_err_and(|error| error == rustix::io::Errno::SRCH) {
            break;
        }
        let certain = notes.is_this_folders_server(data_folder);
        if certain && !asked {
            let what =
                format!("stop the PostgreSQL server {} that was left behind", notes.pid.as_raw_nonzero());
            kill_process(notes.pid, Signal::INT).map_err(|error| PostgresError::io(what)(error.into()))?;
            asked = true;
        }
        if !certain && !asked && start.elapsed() > DOUBT {
            break;
        }
        if start.elapsed() > PATIENCE {
            let what = format!("wait for the end of the PostgreSQL server {}", notes.pid.as_raw_nonzero());
            return Err(PostgresError::io(what)(io::ErrorKind::TimedOut.into()));
        }
        thread::sleep(Duration::from_millis(10));
        if asked && !data_folder.join("postmaster.pid").exists() {
            notes.remove_socket_folder();
        }
    }
    Ok(())
}

/// What a server notes in `postmaster.pid`: process, data folder, start time, port, socket folder, and more.
struct Notes {
    pid: Pid,
    port: String,
    socket_folder: PathBuf,
}

impl Notes {
    fn read(data_folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(data_folder.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
        let port = lines.nth(2).unwrap_or_default().trim().to_owned();
        Some(Self { pid, port, socket_folder: PathBuf::from(lines.next().unwrap_or_default()) })
    }

    /// The lock file beside the socket names the same process and the same data folder, and somebody listens.
    fn is_this_folders_server(&self, data_folder: &Path) -> bool {
        let socket = self.socket_folder.join(format!(".s.PGSQL.{}", self.port));
        let Ok(lock) = fs::read_to_string(socket.with_extension(format!("{}.lock", self.port))) else {
            return false;
        };
        let mut lines = lock.lines();
        let same_process =
            lines.next().is_some_and(|line| line.trim() == self.pid.as_raw_nonzero().to_string());
        let same_folder = lines.next().is_some_and(|line| Path::new(line) == data_folder);
        same_process && same_folder && std::os::unix::net::UnixStream::connect(&socket).is_ok()
    }

    fn remove_socket_folder(&self) {
        if data::is_runtime_folder(&self.socket_folder) {
            fs::remove_dir_all(&self.socket_folder).ok();
        }
    }
}
