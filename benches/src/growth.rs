//! `bench growth`: whether an operation costs more when there are more orders. Each size has a database and services of its
//! own; they have their turns one after the other, so that whatever else the machine does hits all of them.

mod explain;
mod outcome;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::Args;

use self::outcome::{Outcome, Statistics};
use crate::{
    bed::{Bed, Orders, Projections, Site},
    dataset::analyze,
    load::{self, Pace, Plan, Workload},
    machine,
    measure::Cost,
    run::Series,
    workloads::{Get, Kind, List, Place},
};

/// The sizes, as far as they are asked for.
const SIZES: [u64; 3] = [10_000, 1_000_000, 10_000_000];
/// How many orders are looked at, however many there are.
const READ: u64 = 10_000;
/// Load before the first turn, so that what is looked at is in memory, and before each turn.
const FIRST_WARM_UP: Duration = Duration::from_secs(4);
const WARM_UP: Duration = Duration::from_millis(500);
/// Statistics are brought up to date when this says so, and not by chance; a bulk load is no time to clean up after.
const SETTINGS: &[(&str, &str)] = &[("autovacuum", "off"), ("max_parallel_maintenance_workers", "0")];

/// How far to go, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The most orders: 10,000 and 1,000,000 are measured too, if they are fewer. 10,000,000 take about 45 GB of disk
    #[arg(long, env, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(10_000..=10_000_000))]
    orders: u64,
    /// How many callers at once, from 1 to 256
    #[arg(long, default_value_t = 32, value_parser = crate::run::callers)]
    callers: usize,
    /// How often each size has its turn; the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long a turn is measured, in seconds
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Folder for growth.json and, while it runs, the data
    #[arg(long, default_value = "target/bench", value_name = "FOLDER")]
    results: PathBuf,
}

/// Measures and reports.
pub(crate) async fn run(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.results)?;
    let bed = Bed::start(&options.results.join("growth-postgres"), SETTINGS).await?;
    let mut sites = Vec::new();
    let sizes = SIZES.into_iter().filter(|size| *size < options.orders).chain([options.orders]);
    for (number, size) in sizes.enumerate() {
        eprintln!("bench: loading {size} orders ...");
        let (name, orders) = (format!("growth_{number}"), Orders::some(size, READ));
        // Nobody follows what the others place, while one is measured.
        sites.push(Site::open(&bed, &name, orders, Projections::Left).await?);
    }
    let mut outcomes =
        tokio::task::block_in_place(|| in_turns(&sites, Kind::Place, Statistics::Stale, options))?;
    for site in &sites {
        analyze(&site.client).await?;
    }
    // Reads first: placing makes the small database grow most.
    for kind in [Kind::Get, Kind::List, Kind::Place] {
        outcomes.extend(tokio::task::block_in_place(|| in_turns(&sites, kind, Statistics::Fresh, options))?);
    }
    for outcome in &mut outcomes {
        let site = sites.iter().find(|site| site.orders.count == outcome.orders);
        outcome.floor_buffers =
            explain::buffers(site.context("the site of an outcome")?, outcome.kind).await?;
    }
    outcome::report(&options.results, &outcomes, &machine::describe(&bed))?;
    for site in sites {
        site.close().await?;
    }
    Ok(())
}

/// Measures a workload on every site, round by round. Blocks.
fn in_turns(sites: &[Site], kind: Kind, statistics: Statistics, options: &Options) -> Result<Vec<Outcome>> {
    let mut all = vec![Series::new(); sites.len()];
    for site in sites {
        turn(site, kind, options, FIRST_WARM_UP)?;
    }
    for _ in 0..options.rounds {
        for (site, series) in sites.iter().zip(&mut all) {
            let (per_second, latencies, cost) = turn(site, kind, options, WARM_UP)?;
            series.add(per_second, &latencies, cost);
        }
    }
    let outcome = |(site, series): (&Site, &Series)| {
        let outcome = Outcome::new(site.orders.count, kind, statistics, options.callers, series);
        eprintln!("bench: {outcome}");
        outcome
    };
    Ok(sites.iter().zip(&all).map(outcome).collect())
}

fn turn(
    site: &Site,
    kind: Kind,
    options: &Options,
    warm_up: Duration,
) -> Result<(f64, hdrhistogram::Histogram<u64>, Cost)> {
    let mut workload: Box<dyn Workload> = match kind {
        Kind::Get => Box::new(Get::new(site.orders.read)),
        Kind::List => Box::new(List::new(site.orders.active)),
        _ => Box::new(Place::new(site.orders.active)),
    };
    let measured = Duration::from_secs(options.seconds);
    let plan = Plan { callers: options.callers, warm_up, measured, pace: Pace::Closed };
    let meters = site.meters();
    let slice = load::run(site.targets(), workload.as_mut(), &plan, || meters.read())?;
    let cost = Cost::between(slice.before?, slice.after?, slice.operations);
    Ok((slice.operations as f64 / slice.elapsed.as_secs_f64(), slice.latencies, cost))
}
