//! Standbys: servers that follow another one, over streaming replication, some time behind if that is wanted.

use std::{path::Path, time::Duration};

use super::{PostgresError, PostgresOptions, PostgresServer, Storage, account::Account, binaries::Binaries};

impl PostgresServer {
    /// Starts a standby of this server: with a copy of its data, which goes with the standby, and with its settings. It shows a commit
    /// once `delay` has passed. Takes about a second; blocks.
    pub fn start_standby(&self, delay: Duration) -> Result<Self, PostgresError> {
        let mut settings = self.options.settings.clone();
        let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
        set("recovery_min_apply_delay", format!("{}ms", delay.as_millis()));
        // Soon back when it was cut off.
        set("wal_retrieve_retry_interval", "100ms".to_owned());
        set("wal_receiver_status_interval", "1s".to_owned());
        // Reads of the standby are not cancelled for the sake of what the primary cleans up.
        set("hot_standby_feedback", "on".to_owned());
        let options = PostgresOptions { storage: Storage::ThrowAway, settings, ..self.options.clone() };
        Self::start_from(&options, |binaries, account, data, _| self.copy_data(binaries, account, data))
    }

    /// Makes a data folder with what this server has, and what it takes to follow it. The server keeps what was not followed yet.
    fn copy_data(&self, binaries: &Binaries, account: Account, data: &Path) -> Result<(), PostgresError> {
        let home = data.parent().unwrap_or(data);
        let slot = home.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let slot: String =
            slot.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
        let mut copy = account.command(&binaries.program("pg_basebackup"));
        copy.arg("--dbname").arg(self.url("postgres")).arg("--pgdata").arg(data);
        copy.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]);
        copy.args(["--create-slot", "--slot", &slot]);
        let output = copy.output().map_err(PostgresError::io("run pg_basebackup"))?;
        if output.status.success() {
            return Ok(());
        }
        let output_text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(PostgresError::Copy { status: output.status, output: output_text })
    }
}
