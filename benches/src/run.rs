//! `bench run`: every workload at every number of callers, in turns with its floors.

mod comparison;
mod contest;
mod series;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

pub(crate) use self::series::Series;
use self::{comparison::Comparison, contest::Contest};
use crate::{
    bed::{Bed, Orders, Projections, Site},
    dataset::analyze,
    machine, report,
    workloads::Kind,
};

/// How many callers at once, if nothing else is asked for.
const CALLERS: [usize; 5] = [1, 8, 32, 128, 256];

/// As many callers as both the services take calls of a kind and the server clients.
pub(crate) fn callers(text: &str) -> Result<usize, String> {
    let callers = text.parse().ok().filter(|callers| (1..=256).contains(callers));
    callers.ok_or_else(|| "must be a number from 1 to 256".to_owned())
}

/// What to measure, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Which workloads
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Kind::ALL)]
    workloads: Vec<Kind>,
    /// How many callers at once, from 1 to 256
    #[arg(long, value_delimiter = ',', default_values_t = CALLERS, value_parser = callers)]
    callers: Vec<usize>,
    /// How often each workload and each of its floors has its turn; the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long a turn is measured, in seconds; each begins with a warm-up
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How many orders there are to begin with
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=9_000_000))]
    orders: u64,
    /// Have command-service leave the projections to others
    #[arg(long)]
    no_projections: bool,
    /// Leave the floors out
    #[arg(long)]
    no_floors: bool,
    /// Folder for results.json, run.json, the scripts of the floors and, while it runs, the data
    #[arg(long, default_value = "target/bench", value_name = "FOLDER")]
    results: PathBuf,
    /// Folder for the plots; none are made of a part of the workloads
    #[arg(long, default_value = "docs/bench", value_name = "FOLDER")]
    plots: PathBuf,
}

/// Measures and reports.
pub(crate) async fn run(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.results)?;
    eprintln!("bench: loading {} orders ...", options.orders);
    let bed = Bed::start(&options.results.join("postgres"), &[]).await?;
    let projections = if options.no_projections { Projections::Left } else { Projections::Followed };
    let site = Site::open(&bed, "bench", Orders::all(options.orders), projections).await?;
    analyze(&site.client).await?;
    for (service, time) in site.ready {
        eprintln!("bench: {service} was ready after {} ms", time.as_millis());
    }
    let description = machine::describe(&bed);

    let mut contest = Contest::prepare(&bed, &site, options)?;
    let mut comparisons = Vec::new();
    for &kind in &options.workloads {
        for &callers in &options.callers {
            // Nothing else needs this thread: what runs meanwhile are other processes.
            let comparison = tokio::task::block_in_place(|| contest.compare(kind, callers))?;
            eprintln!("bench: {comparison}");
            comparisons.push(comparison);
        }
    }
    drop(contest);
    let rows: Vec<_> = comparisons.iter().flat_map(Comparison::rows).collect();
    report::write(options, &rows, description, site.ready)?;
    site.close().await
}

impl Options {
    /// Where the results go.
    pub(crate) fn results(&self) -> &std::path::Path {
        &self.results
    }

    /// Where the plots go, if everything is measured that is in them.
    pub(crate) fn plots(&self) -> Option<&std::path::Path> {
        let whole = self.workloads.len() == Kind::ALL.len()
            && self.callers == CALLERS
            && !(self.no_floors || self.no_projections);
        whole.then_some(self.plots.as_path())
    }
}
