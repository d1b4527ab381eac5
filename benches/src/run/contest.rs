//! The services and the floors, and whose turn it is.

use std::time::Duration;

use anyhow::Result;

use super::{Comparison, Options, series::Series};
use crate::{
    bed::{Bed, Site},
    floors::{EchoProcess, Echoed, Floor, Pgbench, Sample, Scripts, Stretch, Weighted},
    load::{self, Pace, Plan, Targets, Workload},
    measure::{Cost, Meters},
    report::FixedRate,
    workloads::{Change, Get, Kind, List, Mix, Place},
};

/// Load before a turn of ours is measured; pgbench takes a whole second.
const WARM_UP: Duration = Duration::from_millis(400);
const PGBENCH_WARM_UP: u64 = 1;
/// Callers at which, and share of the closed loop's rate at which, a fixed rate is measured too.
const FIXED_RATE_CALLERS: usize = 128;
const FIXED_RATE_SHARE: f64 = 0.7;

/// Everything that takes part.
pub(super) struct Contest<'a> {
    site: &'a Site,
    options: &'a Options,
    change: Change,
    pgbench: Option<(Pgbench, Scripts)>,
    echo: Option<EchoProcess>,
}

impl<'a> Contest<'a> {
    /// Finds pgbench, writes its scripts and starts the echo service, unless floors are left out.
    pub(super) fn prepare(bed: &Bed, site: &'a Site, options: &'a Options) -> Result<Self> {
        // The first half of the orders is the services' to change, the second is the floors'.
        let half = site.orders.count / 2;
        let (mut pgbench, mut echo) = (None, None);
        if !options.no_floors {
            let folder = options.results.join("floors");
            let sample = Sample {
                placed: &site.sampled.placed,
                held: &site.sampled.held,
                orders: site.orders.read,
                customers: site.orders.active,
                changed: (half, site.orders.count),
            };
            let scripts = Scripts::write(&folder, sample)?;
            pgbench = Some((Pgbench::find(bed.server().pid(), &site.url, &folder)?, scripts));
            echo = Some(EchoProcess::start(site.sampled.get_answer, site.sampled.place_answer)?);
        }
        Ok(Self { site, options, change: Change::new(half), pgbench, echo })
    }

    /// Measures a workload and its floors in turns. Blocks.
    pub(super) fn compare(&mut self, kind: Kind, callers: usize) -> Result<Comparison> {
        let mut services = Series::new();
        let floors = if self.options.no_floors { &[] } else { floors_of(kind) };
        let mut floors: Vec<_> = floors.iter().map(|floor| (*floor, Series::new())).collect();
        for _ in 0..self.options.rounds {
            for (floor, series) in &mut floors {
                self.floor(kind, *floor, callers, series)?;
            }
            self.services(kind, callers, Pace::Closed, &mut services)?;
        }
        let fixed_rate = self.fixed_rate(kind, callers, &services)?;
        Ok(Comparison { kind, callers, services, floors, fixed_rate })
    }

    fn services(&mut self, kind: Kind, callers: usize, pace: Pace, series: &mut Series) -> Result<()> {
        let plan = self.plan(callers, pace);
        let (orders, customers) = (self.site.orders.read, self.site.orders.active);
        let (mut place, mut get, mut list, mut mix);
        let workload: &mut dyn Workload = match kind {
            Kind::Place => {
                place = Place::new(customers);
                &mut place
            }
            Kind::Change => &mut self.change,
            Kind::Get => {
                get = Get::new(orders);
                &mut get
            }
            Kind::List => {
                list = List::new(customers);
                &mut list
            }
            Kind::Mix => {
                mix = Mix::new(orders, customers);
                &mut mix
            }
        };
        let meters = match kind {
            Kind::Place | Kind::Change => self.site.meters_with(Some(self.site.command_pid())),
            Kind::Get | Kind::List => self.site.meters_with(Some(self.site.query_pid())),
            Kind::Mix => self.site.meters(),
        };
        measure(self.site.targets(), workload, &plan, &meters, series)
    }

    fn floor(&mut self, kind: Kind, floor: Floor, callers: usize, series: &mut Series) -> Result<()> {
        let plan = self.plan(callers, Pace::Closed);
        if let (Floor::Echo, Some(echo)) = (floor, &self.echo) {
            let targets = Targets { command: echo.address(), query: echo.address() };
            let meters = self.site.meters_with(Some(echo.pid()));
            let (mut get, mut place);
            let workload: &mut dyn Workload = if kind == Kind::Get {
                get = Echoed::get(Get::new(self.site.orders.read));
                &mut get
            } else {
                place = Echoed::place(Place::new(self.site.orders.active));
                &mut place
            };
            return measure(targets, workload, &plan, &meters, series);
        }
        let Some((pgbench, scripts)) = &mut self.pgbench else { return Ok(()) };
        let meters = self.site.meters_with(None);
        let before = meters.read()?;
        let stretch = Stretch { warm_up: PGBENCH_WARM_UP, measured: self.options.seconds };
        let measured = pgbench.run(scripts_of(scripts, kind, floor), callers, stretch)?;
        let cost = Cost::between(before, meters.read()?, measured.all);
        series.add(measured.per_second, &measured.latencies, cost);
        Ok(())
    }

    /// Measures at a rate that the services can keep up with, for the two workloads and the callers that it is asked of.
    fn fixed_rate(&mut self, kind: Kind, callers: usize, closed: &Series) -> Result<Option<FixedRate>> {
        if !matches!(kind, Kind::Place | Kind::Get) || callers != FIXED_RATE_CALLERS {
            return Ok(None);
        }
        let per_s = closed.per_second() * FIXED_RATE_SHARE;
        let mut series = Series::new();
        for _ in 0..self.options.rounds {
            self.services(kind, callers, Pace::PerSecond(per_s), &mut series)?;
        }
        Ok(Some(FixedRate { per_s, p50_ms: series.quantile_ms(0.50), p99_ms: series.quantile_ms(0.99) }))
    }

    fn plan(&self, callers: usize, pace: Pace) -> Plan {
        Plan { callers, warm_up: WARM_UP, measured: Duration::from_secs(self.options.seconds), pace }
    }
}

/// What a workload is compared with.
fn floors_of(kind: Kind) -> &'static [Floor] {
    match kind {
        Kind::Place => &[Floor::PgbenchCte, Floor::PgbenchSeparate, Floor::Echo],
        Kind::Change => &[Floor::PgbenchSeparate],
        Kind::Get => &[Floor::PgbenchGet, Floor::Echo],
        Kind::List => &[Floor::PgbenchList, Floor::PgbenchListColumns],
        Kind::Mix => &[Floor::PgbenchCte],
    }
}

fn scripts_of(scripts: &Scripts, kind: Kind, floor: Floor) -> &[Weighted] {
    match (kind, floor) {
        (Kind::Place, Floor::PgbenchCte) => &scripts.place_cte,
        (Kind::Place, _) => &scripts.place_separate,
        (Kind::Change, _) => &scripts.change,
        (Kind::Get, _) => &scripts.get,
        (Kind::List, Floor::PgbenchListColumns) => &scripts.list_columns,
        (Kind::List, _) => &scripts.list,
        (Kind::Mix, _) => &scripts.mix,
    }
}

/// One turn of the load generator.
fn measure(
    targets: Targets,
    workload: &mut dyn Workload,
    plan: &Plan,
    meters: &Meters,
    series: &mut Series,
) -> Result<()> {
    let slice = load::run(targets, workload, plan, || meters.read())?;
    let cost = Cost::between(slice.before?, slice.after?, slice.operations);
    series.add(slice.operations as f64 / slice.elapsed.as_secs_f64(), &slice.latencies, cost);
    Ok(())
}
