//! Where each side is at its best: floors often are at another number of callers than the services.

use super::Row;

/// One line per workload.
pub(super) fn of(rows: &[Row]) -> String {
    let mut sides: Vec<(&str, &str, f64, usize)> = Vec::new();
    for row in rows {
        note(&mut sides, row.workload, "service", row.services.ops_per_s, row.callers);
        if let Some((floor, side)) = row.floor {
            note(&mut sides, row.workload, floor, side.ops_per_s, row.callers);
        }
    }
    let mut text = String::new();
    let mut last = "";
    for (workload, side, per_s, callers) in sides {
        text += &if workload == last { ", ".to_owned() } else { format!("\n{workload} at its best: ") };
        text += &format!("{side} {per_s:.0}/s with {callers}");
        last = workload;
    }
    text + "\n"
}

/// Keeps the highest rate of each side of each workload.
fn note<'a>(
    sides: &mut Vec<(&'a str, &'a str, f64, usize)>,
    workload: &'a str,
    side: &'a str,
    per_s: f64,
    callers: usize,
) {
    match sides.iter_mut().find(|known| (known.0, known.1) == (workload, side)) {
        Some(known) if known.2 >= per_s => {}
        Some(known) => (known.2, known.3) = (per_s, callers),
        None => {
            // Behind the others of the same workload.
            let end =
                sides.iter().rposition(|known| known.0 == workload).map_or(sides.len(), |last| last + 1);
            sides.insert(end, (workload, side, per_s, callers));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Side, tests};

    #[test]
    fn each_side_has_its_best_wherever_that_is() {
        let side = |ops_per_s| Side { ops_per_s, p50_ms: 1.0, p99_ms: 1.0, cpu_s_per_1000: 1.0 };
        let row = |callers, service, floor| Row {
            services: side(service),
            floor: Some(("echo", side(floor))),
            ..tests::row("get", callers)
        };
        let text = of(&[row(8, 100.0, 900.0), row(32, 300.0, 800.0), tests::row("place", 1)]);
        assert_eq!(
            text,
            "\nget at its best: service 300/s with 32, echo 900/s with 8\n\
             place at its best: service 3000/s with 1, pgbench-cte 2000/s with 1\n"
        );
    }
}
