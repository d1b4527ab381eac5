//! A workload beside its floors, at one number of callers.

use std::fmt;

use super::series::Series;
use crate::{
    floors::Floor,
    report::{FixedRate, Row, Side},
    workloads::Kind,
};

/// Bytes of a mebibyte.
const MEBIBYTE: f64 = 1_048_576.0;

/// What was measured.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(super) kind: Kind,
    pub(super) callers: usize,
    pub(super) services: Series,
    pub(super) floors: Vec<(Floor, Series)>,
    pub(super) fixed_rate: Option<FixedRate>,
}

impl Comparison {
    /// One row per floor, or one without a floor.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let row = |floor: Option<(&Floor, &Series)>| Row {
            workload: self.kind.name(),
            callers: self.callers,
            services: side(&self.services),
            service_cpu_s_per_1000: self.services.cost.per_1000(self.services.cost.services),
            postgres_cpu_s_per_1000: self.services.cost.per_1000(self.services.cost.postgres),
            client_cpu_s_per_1000: self.services.cost.per_1000(self.services.cost.client),
            rss_mib: self.services.cost.resident as f64 / MEBIBYTE,
            floor: floor.map(|(floor, series)| (floor.name(), side(series))),
            fixed_rate: self.fixed_rate,
        };
        if self.floors.is_empty() {
            return vec![row(None)];
        }
        self.floors.iter().map(|(floor, series)| row(Some((floor, series)))).collect()
    }
}

fn side(series: &Series) -> Side {
    Side {
        ops_per_s: series.per_second(),
        p50_ms: series.quantile_ms(0.50),
        p99_ms: series.quantile_ms(0.99),
        cpu_s_per_1000: series.cost.per_1000(series.cost.services + series.cost.postgres),
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.services.per_second();
        write!(f, "{:<6} {:>3} callers: {rate:>8.0}/s", self.kind.name(), self.callers)?;
        for (floor, series) in &self.floors {
            write!(
                f,
                ", {} {:.0}/s ({:.2}x)",
                floor.name(),
                series.per_second(),
                rate / series.per_second()
            )?;
        }
        Ok(())
    }
}
