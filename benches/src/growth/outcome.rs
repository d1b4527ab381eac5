//! What was measured at each size, and how it compares to the smallest.

use std::{fmt, fs, io::Write, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    report::{aligned, rounded},
    run::Series,
    workloads::Kind,
};

/// What the planner knows of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistics {
    /// How they were with the first 1,000 orders: as right after a bulk load.
    Stale,
    /// How they are.
    Fresh,
}

/// A workload at one size.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) orders: u64,
    pub(super) kind: Kind,
    statistics: Statistics,
    callers: usize,
    ops_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    cpu_s_per_1000: f64,
    /// Pages that the floor's statement touches.
    pub(super) floor_buffers: f64,
}

impl Outcome {
    /// Of all turns; the pages are not known yet.
    pub(super) fn new(
        orders: u64,
        kind: Kind,
        statistics: Statistics,
        callers: usize,
        series: &Series,
    ) -> Self {
        Self {
            orders,
            kind,
            statistics,
            callers,
            ops_per_s: series.per_second(),
            p50_ms: series.quantile_ms(0.50),
            p99_ms: series.quantile_ms(0.99),
            cpu_s_per_1000: series.cost.per_1000(series.cost.services + series.cost.postgres),
            floor_buffers: 0.0,
        }
    }

    fn statistics(&self) -> &'static str {
        match self.statistics {
            Statistics::Stale => "stale",
            Statistics::Fresh => "fresh",
        }
    }

    /// The same workload with the same statistics at the smallest size.
    fn smallest<'a>(&self, all: &'a [Self]) -> Option<&'a Self> {
        let like = all.iter().filter(|one| one.kind == self.kind && one.statistics == self.statistics);
        like.min_by_key(|one| one.orders)
    }

    fn to_json(&self, all: &[Self]) -> Value {
        let [time, processor, pages] = self.ratios(all).map(|ratio| rounded(ratio, 3));
        json!({
            "workload": self.kind.name(),
            "orders": self.orders,
            "statistics": self.statistics(),
            "callers": self.callers,
            "ops_per_s": rounded(self.ops_per_s, 1),
            "p50_ms": rounded(self.p50_ms, 3),
            "p99_ms": rounded(self.p99_ms, 3),
            "cpu_s_per_1000": rounded(self.cpu_s_per_1000, 4),
            "floor_buffers_per_op": rounded(self.floor_buffers, 1),
            "cost_ratio": time,
            "cpu_ratio": processor,
            "floor_buffers_ratio": pages,
        })
    }

    /// Time, processor time and pages per operation, each as a multiple of that at the smallest size.
    fn ratios(&self, all: &[Self]) -> [f64; 3] {
        let base = self.smallest(all).unwrap_or(self);
        [
            base.ops_per_s / self.ops_per_s,
            self.cpu_s_per_1000 / base.cpu_s_per_1000,
            self.floor_buffers / base.floor_buffers,
        ]
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, statistics) = (self.kind.name(), self.statistics());
        write!(
            f,
            "{name:<5} among {:>8} orders, {statistics} statistics: {:>6.0}/s",
            self.orders, self.ops_per_s
        )
    }
}

/// Prints a table and writes growth.json into a folder.
pub(super) fn report(folder: &Path, all: &[Outcome], description: &Value) -> Result<()> {
    let path = folder.join("growth.json");
    let rows: Vec<_> = all.iter().map(|outcome| outcome.to_json(all)).collect();
    fs::write(&path, format!("{:#}\n", Value::from(rows)))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n{description:#}", table(all))?;
    Ok(())
}

fn table(all: &[Outcome]) -> String {
    let head = [
        "workload",
        "orders",
        "statistics",
        "ops/s",
        "p50 ms",
        "p99 ms",
        "cpu s/1000",
        "pages (floor)",
        "cost ratio",
        "cpu ratio",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(all.iter().map(|outcome| {
        let [time, processor, _] = outcome.ratios(all);
        vec![
            outcome.kind.name().to_owned(),
            outcome.orders.to_string(),
            outcome.statistics().to_owned(),
            format!("{:.0}", outcome.ops_per_s),
            format!("{:.3}", outcome.p50_ms),
            format!("{:.3}", outcome.p99_ms),
            format!("{:.4}", outcome.cpu_s_per_1000),
            format!("{:.1}", outcome.floor_buffers),
            format!("{time:.2}"),
            format!("{processor:.2}"),
        ]
    }));
    aligned(&lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_to_the_smallest_size_with_the_same_statistics() {
        let outcome = |orders, statistics, ops_per_s| Outcome {
            orders,
            kind: Kind::Get,
            statistics,
            callers: 32,
            ops_per_s,
            p50_ms: 1.0,
            p99_ms: 2.0,
            cpu_s_per_1000: 100.0 / ops_per_s,
            floor_buffers: 4.0,
        };
        let all = [
            outcome(1_000, Statistics::Fresh, 80.0),
            outcome(10, Statistics::Fresh, 100.0),
            outcome(10, Statistics::Stale, 1.0),
        ];
        let row = all[0].to_json(&all);
        assert_eq!((&row["cost_ratio"], &row["cpu_ratio"]), (&json!(1.25), &json!(1.25)));
        assert_eq!(row["floor_buffers_ratio"], 1.0);
        assert_eq!(all[2].to_json(&all)["cost_ratio"], 1.0);
    }
}
