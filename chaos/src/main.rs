//! `chaos`: has everything fail, and says whether the promises held.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result};
use chaos::{Options, run};
use clap::Parser;

/// Kills, freezes and cuts everything at random under load, and checks that nothing is lost, doubled or reordered
#[derive(Debug, Parser)]
#[command(name = "chaos")]
struct Cli {
    /// What decides what fails when
    #[arg(long, env = "SEED", value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How long things fail, in seconds
    #[arg(long, env = "DURATION", value_name = "SECONDS", default_value_t = 300)]
    duration: u64,
    /// Where to write the history [default: target/chaos]
    #[arg(long, env = "CHAOS_FOLDER", value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Where the command services end by themselves, such as `commit_answered=1%return`
    #[arg(long, env = "CHAOS_FAILPOINTS", value_name = "FAILPOINTS")]
    failpoints: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match go(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn go(cli: Cli) -> Result<bool> {
    let folder = match cli.folder {
        Some(folder) => folder,
        None => target()?.join("chaos"),
    };
    let options = Options {
        seed: cli.seed,
        duration: Duration::from_secs(cli.duration),
        folder,
        failpoints: cli.failpoints.filter(|failpoints| !failpoints.is_empty()),
    };
    let report = run(&options).await.with_context(|| format!("seed {}", cli.seed))?;
    writeln!(io::stdout(), "{report}")?;
    Ok(report.is_well())
}

/// The folder that everything is built in.
fn target() -> Result<PathBuf> {
    let program = env::current_exe()?;
    Ok(program.ancestors().nth(2).context("the program is not in a folder of programs")?.to_owned())
}
