//! The rows as a table of text.

use super::Row;

/// The table, and below it what was measured at a fixed rate.
pub(super) fn of(rows: &[Row]) -> String {
    let head = [
        "workload",
        "callers",
        "ops/s",
        "p50 ms",
        "p99 ms",
        "cpu s/1000",
        "service",
        "postgres",
        "client",
        "rss MiB",
        "floor",
        "floor ops/s",
        "floor p99",
        "ratio",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(cells));
    let mut text = aligned(&lines);
    let fixed = rows.iter().filter_map(|row| Some((row, row.fixed_rate?)));
    let mut last = None;
    for (row, fixed) in fixed {
        // Each floor of a workload has a row, all with the same services.
        if last != Some((row.workload, row.callers)) {
            text += if last.is_none() { "\n" } else { "" };
            text += &format!(
                "{} at a fixed {:.0}/s, {} callers: p50 {:.3} ms, p99 {:.3} ms from when a call was due\n",
                row.workload, fixed.per_s, row.callers, fixed.p50_ms, fixed.p99_ms
            );
        }
        last = Some((row.workload, row.callers));
    }
    text
}

fn cells(row: &Row) -> Vec<String> {
    let floor = row.floor.map(|(_, floor)| floor);
    let optional = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    vec![
        row.workload.to_owned(),
        row.callers.to_string(),
        format!("{:.0}", row.services.ops_per_s),
        format!("{:.3}", row.services.p50_ms),
        format!("{:.3}", row.services.p99_ms),
        format!("{:.4}", row.services.cpu_s_per_1000),
        format!("{:.4}", row.service_cpu_s_per_1000),
        format!("{:.4}", row.postgres_cpu_s_per_1000),
        format!("{:.4}", row.client_cpu_s_per_1000),
        format!("{:.1}", row.rss_mib),
        optional(row.floor.map(|(name, _)| name.to_owned())),
        optional(floor.map(|floor| format!("{:.0}", floor.ops_per_s))),
        optional(floor.map(|floor| format!("{:.3}", floor.p99_ms))),
        optional(row.ratio().map(|ratio| format!("{ratio:.2}"))),
    ]
}

/// Lines of cells under each other, the cells of a column as wide as the widest; numbers to the right.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.len()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |cells: &Vec<String>| {
        let cells = cells.iter().zip(&widths).map(|(cell, &width)| {
            let number = cell.starts_with(|first: char| first.is_ascii_digit());
            if number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{FixedRate, tests};

    #[test]
    fn columns_are_aligned() {
        let cells = |line: [&str; 2]| line.map(str::to_owned).to_vec();
        assert_eq!(aligned(&[cells(["name", "n"]), cells(["a", "1000"])]), "name  n\na     1000\n");
        assert_eq!(
            aligned(&[cells(["n", "x"]), cells(["10", "y"]), cells(["7", "z"])]),
            "n   x\n10  y\n 7  z\n"
        );
    }

    #[test]
    fn a_fixed_rate_is_told_once() {
        let mut row = tests::row("get", 128);
        row.fixed_rate = Some(FixedRate { per_s: 700.0, p50_ms: 1.0, p99_ms: 2.0 });
        assert_eq!(of(&[row.clone(), row]).matches("at a fixed 700/s").count(), 1);
    }
}
