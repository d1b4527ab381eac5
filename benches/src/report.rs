//! What was measured, for people and for programs.

mod best;
mod chart;
mod json;
mod svg;
mod table;

use std::{fs, io::Write, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run::Options;

pub(crate) use json::rounded;
pub(crate) use table::aligned;

/// The services or a floor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Side {
    /// Operations by the second: the median of the turns.
    pub(crate) ops_per_s: f64,
    /// Half of the operations took at most so many milliseconds.
    pub(crate) p50_ms: f64,
    /// 99 in a hundred took at most so many milliseconds.
    pub(crate) p99_ms: f64,
    /// Processor seconds of PostgreSQL and of the service, if there is one, per 1,000 operations.
    pub(crate) cpu_s_per_1000: f64,
}

/// What was measured at a fixed rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FixedRate {
    /// Calls that were due by the second.
    pub(crate) per_s: f64,
    /// As in [`Side`], from the moment at which a call was due.
    pub(crate) p50_ms: f64,
    /// As in [`Side`], from the moment at which a call was due.
    pub(crate) p99_ms: f64,
}

/// A workload at one number of callers, beside one of its floors.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The workload's name.
    pub(crate) workload: &'static str,
    /// Callers at once.
    pub(crate) callers: usize,
    /// The services.
    pub(crate) services: Side,
    /// Processor seconds of the services that take part.
    pub(crate) service_cpu_s_per_1000: f64,
    /// Processor seconds of PostgreSQL.
    pub(crate) postgres_cpu_s_per_1000: f64,
    /// Processor seconds of the load generator.
    pub(crate) client_cpu_s_per_1000: f64,
    /// The most memory that a service that takes part had in use, in MiB.
    pub(crate) rss_mib: f64,
    /// The floor's name, and what it did.
    pub(crate) floor: Option<(&'static str, Side)>,
    /// The same workload at a fixed rate, where that was measured.
    pub(crate) fixed_rate: Option<FixedRate>,
}

impl Row {
    /// How many times as many operations the services did as the floor.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.floor.map(|(_, floor)| self.services.ops_per_s / floor.ops_per_s)
    }
}

/// Prints the table, and writes results.json, run.json (on what it was measured) and the plots.
pub(crate) fn write(
    options: &Options,
    rows: &[Row],
    mut description: Value,
    ready: [(&str, Duration); 2],
) -> Result<()> {
    for (service, time) in ready {
        description[format!("{service}_ready_ms")] = (time.as_millis() as u64).into();
    }
    let save = |name: &str, text: String| {
        let path = options.results().join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    save("results.json", json::rows(rows))?;
    save("run.json", format!("{description:#}\n"))?;
    if let Some(folder) = options.plots() {
        fs::create_dir_all(folder)?;
        for (workload, rows) in by_workload(rows) {
            let path = folder.join(format!("{workload}.svg"));
            let plot = svg::plot(workload, &rows);
            fs::write(&path, plot).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}{}\n{description:#}", table::of(rows), best::of(rows))?;
    Ok(())
}

/// The rows of each workload, in their order.
fn by_workload(rows: &[Row]) -> Vec<(&'static str, Vec<&Row>)> {
    let mut all: Vec<(&'static str, Vec<&Row>)> = Vec::new();
    for row in rows {
        match all.iter_mut().find(|(workload, _)| *workload == row.workload) {
            Some((_, rows)) => rows.push(row),
            None => all.push((row.workload, vec![row])),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row in which everything has a value.
    pub(super) fn row(workload: &'static str, callers: usize) -> Row {
        let side = |ops_per_s| Side { ops_per_s, p50_ms: 1.25, p99_ms: 3.5, cpu_s_per_1000: 0.123_456 };
        Row {
            workload,
            callers,
            services: side(3_000.04),
            service_cpu_s_per_1000: 0.1,
            postgres_cpu_s_per_1000: 0.023_456,
            client_cpu_s_per_1000: 0.01,
            rss_mib: 20.0,
            floor: Some(("pgbench-cte", side(2_000.0))),
            fixed_rate: None,
        }
    }

    #[test]
    fn rows_are_kept_together_by_workload() {
        let rows = [row("place", 1), row("place", 8), row("get", 1)];
        let groups: Vec<_> = by_workload(&rows).iter().map(|(name, rows)| (*name, rows.len())).collect();
        assert_eq!(groups, [("place", 2), ("get", 1)]);
    }
}
