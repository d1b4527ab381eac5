//! `local-stack`: everything on one machine with one command.

mod demo;
mod run;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Starts everything Orders is made of on one machine: PostgreSQL, NATS and both services.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    run: run::Options,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Starts everything, says how to use it, and stops everything on Ctrl-C or SIGTERM (this is the default).
    Run(run::Options),
    /// Places realistic orders with a running stack, walks them through their lives, and shows what became of them.
    Demo(demo::Options),
    /// Prints what happens to orders, as it happens, until stopped.
    Watch(watch::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.action {
        None => run::run(cli.run).await,
        Some(Action::Run(options)) => run::run(options).await,
        Some(Action::Demo(options)) => demo::run(options).await,
        Some(Action::Watch(options)) => watch::run(options).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local-stack: {error:#}");
            ExitCode::FAILURE
        }
    }
}
