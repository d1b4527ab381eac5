//! `bench`: how fast the services are, compared in the same minutes and on the same machine with what PostgreSQL and gRPC
//! can do without them. docs/performance.md says how to run it and what the numbers mean.

mod bed;
mod dataset;
mod floors;
mod growth;
mod load;
mod machine;
mod measure;
mod report;
mod run;
mod workloads;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures the services against what PostgreSQL and gRPC can do without them
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure every workload beside its floors
    Run(run::Options),
    /// Measure whether operations cost more when there are more orders
    Growth(growth::Options),
    /// Serve answers of these lengths, until standard input ends
    #[command(hide = true)]
    Echo {
        /// Bytes of an answer to a get
        get: usize,
        /// Bytes of an answer to a placement
        place: usize,
    },
}

fn main() -> ExitCode {
    match go(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn go(command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match command {
        Command::Run(options) => runtime.block_on(run::run(&options)),
        Command::Growth(options) => runtime.block_on(growth::run(&options)),
        Command::Echo { get, place } => {
            std::thread::spawn(end_with_input);
            runtime.block_on(floors::serve_echo(get, place, say_port))
        }
    }
}

/// Whoever has started this process holds the other end of its standard input.
fn end_with_input() {
    io::copy(&mut io::stdin(), &mut io::sink()).ok();
    std::process::exit(0);
}

fn say_port(port: u16) {
    let mut out = io::stdout().lock();
    writeln!(out, "{port}").and_then(|()| out.flush()).ok();
}
