//! Runs pgbench against the server that the services use.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use tokio_postgres::config::Host;

use super::{
    pgbench_output::{Summary, latencies},
    script::Weighted,
};

/// How many numbers for new orders a run may use up; see `NEW_NUMBER`.
const NUMBERS_A_RUN: u64 = 1_000_000_000;
/// The numbers of new orders have twelve digits, like the others.
const FIRST_NUMBER: u64 = 100_000_000_000;
/// Threads of pgbench, on a machine with two processors.
const THREADS: usize = 2;
/// One in so many transactions has its time noted, unless there is only one client: noting costs something too.
const NOTED: usize = 5;

/// How long to run, in whole seconds, as pgbench wants it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    /// Seconds before anything is measured.
    pub(crate) warm_up: u64,
    /// Seconds to measure.
    pub(crate) measured: u64,
}

/// What a run has measured.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Transactions in the measured time, by the second.
    pub(crate) per_second: f64,
    /// How long they took, in nanoseconds; a sample of them.
    pub(crate) latencies: Histogram<u64>,
    /// All transactions, those of the warm-up too.
    pub(crate) all: u64,
}

/// pgbench, and where it connects to.
#[derive(Debug)]
pub(crate) struct Pgbench {
    program: PathBuf,
    connection: Vec<String>,
    folder: PathBuf,
    next_number: u64,
}

impl Pgbench {
    /// For the server with the process id `postgres` and the database at `url`; `folder` is for its notes.
    pub(crate) fn find(postgres: u32, url: &str, folder: &Path) -> Result<Self> {
        let program = beside(postgres).into_iter().chain(on_path()).find(|program| program.is_file());
        let program = program.context(
            "there is no pgbench beside the PostgreSQL server in use, nor on the PATH: install the server's whole package \
             (`apt-get install postgresql postgresql-contrib`, `brew install postgresql@17`), or set PG_BIN to a folder that \
             has both postgres and pgbench",
        )?;
        let config: tokio_postgres::Config = url.parse().context("the database's URL")?;
        let host = match config.get_hosts().first() {
            #[cfg(unix)]
            Some(Host::Unix(folder)) => folder.to_string_lossy().into_owned(),
            Some(Host::Tcp(name)) => name.clone(),
            None => bail!("the database's URL names no host"),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
        let (user, database) =
            (config.get_user().unwrap_or("postgres"), config.get_dbname().unwrap_or("postgres"));
        let connection = ["-h", &host, "-p", &port, "-U", user, database].map(str::to_owned).to_vec();
        Ok(Self { program, connection, folder: folder.to_owned(), next_number: FIRST_NUMBER })
    }

    /// Runs scripts with so many clients, with every statement prepared. Blocks.
    pub(crate) fn run(&mut self, scripts: &[Weighted], clients: usize, stretch: Stretch) -> Result<Measured> {
        let log = self.folder.join("transactions");
        let mut command = Command::new(&self.program);
        command.args(["--no-vacuum", "--protocol=prepared", "--progress=1", "--log"]);
        command.arg(format!("--client={clients}")).arg(format!("--jobs={}", THREADS.min(clients)));
        command.arg(format!("--time={}", stretch.warm_up + stretch.measured));
        command.arg(format!("--log-prefix={}", log.display()));
        if clients > 1 {
            command.arg(format!("--sampling-rate={}", 1.0 / NOTED as f64));
        }
        for (script, weight) in scripts {
            command.arg(format!("--file={}@{weight}", script.display()));
        }
        // What the services ask of their sessions too: statements are planned once, and look rows up by an index.
        command.env("PGOPTIONS", "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off");
        command.args(["-D", "i=0", "-D"]).arg(format!("base={}", self.next_number));
        self.next_number += NUMBERS_A_RUN;
        let output = command.args(&self.connection).output();
        let output = output.with_context(|| format!("cannot run {}", self.program.display()))?;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "pgbench ended with {}:\n{err}", output.status);

        let summary =
            Summary::read(&out, &err).with_context(|| format!("pgbench has said:\n{err}\n{out}"))?;
        ensure!(summary.failed == 0, "{} transactions of pgbench have failed:\n{err}", summary.failed);
        Ok(Measured {
            per_second: summary.per_second_after(stretch.warm_up),
            latencies: latencies(&self.take_log()?, Duration::from_secs(stretch.measured)),
            all: summary.transactions,
        })
    }

    /// The notes of all threads of the last run, which are removed.
    fn take_log(&self) -> Result<String> {
        let mut all = String::new();
        for entry in fs::read_dir(&self.folder).context("pgbench's notes")?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("transactions.") {
                all += &fs::read_to_string(entry.path()).context("pgbench's notes")?;
                fs::remove_file(entry.path()).context("pgbench's notes")?;
            }
        }
        Ok(all)
    }
}

/// Where pgbench is if it belongs to the running server.
fn beside(postgres: u32) -> Option<PathBuf> {
    let server = fs::read_link(format!("/proc/{postgres}/exe")).ok()?;
    Some(server.parent()?.join("pgbench"))
}

fn on_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join("pgbench")).collect()
}
