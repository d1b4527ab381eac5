//! The rows as JSON.

use serde_json::{Value, json};

use super::Row;

/// An array with one object per row.
pub(super) fn rows(rows: &[Row]) -> String {
    let rows: Vec<_> = rows.iter().map(row).collect();
    format!("{:#}\n", Value::from(rows))
}

fn row(row: &Row) -> Value {
    let floor = row.floor.map(|(_, floor)| floor);
    let mut object = json!({
        "workload": row.workload,
        "callers": row.callers,
        "ops_per_s": rounded(row.services.ops_per_s, 1),
        "p50_ms": rounded(row.services.p50_ms, 3),
        "p99_ms": rounded(row.services.p99_ms, 3),
        "cpu_s_per_1000": rounded(row.services.cpu_s_per_1000, 4),
        "rss_mib": rounded(row.rss_mib, 1),
        "floor": row.floor.map(|(name, _)| name),
        "floor_ops_per_s": floor.map(|floor| rounded(floor.ops_per_s, 1)),
        "ratio": row.ratio().map(|ratio| rounded(ratio, 3)),
        "service_cpu_s_per_1000": rounded(row.service_cpu_s_per_1000, 4),
        "postgres_cpu_s_per_1000": rounded(row.postgres_cpu_s_per_1000, 4),
        "client_cpu_s_per_1000": rounded(row.client_cpu_s_per_1000, 4),
        "floor_p50_ms": floor.map(|floor| rounded(floor.p50_ms, 3)),
        "floor_p99_ms": floor.map(|floor| rounded(floor.p99_ms, 3)),
        "floor_cpu_s_per_1000": floor.map(|floor| rounded(floor.cpu_s_per_1000, 4)),
    });
    if let Some(fixed) = row.fixed_rate {
        object["fixed_rate_per_s"] = rounded(fixed.per_s, 1);
        object["fixed_rate_p50_ms"] = rounded(fixed.p50_ms, 3);
        object["fixed_rate_p99_ms"] = rounded(fixed.p99_ms, 3);
    }
    object
}

/// A number with so many digits behind the point.
pub(crate) fn rounded(number: f64, digits: i32) -> Value {
    let scale = 10_f64.powi(digits);
    ((number * scale).round() / scale).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{FixedRate, tests};

    #[test]
    fn a_row_has_the_promised_columns() {
        let mut one = tests::row("place", 32);
        one.fixed_rate = Some(FixedRate { per_s: 2_100.0, p50_ms: 1.0, p99_ms: 2.0 });
        let text = rows(&[one]);
        let parsed: Value = serde_json::from_str(&text).unwrap();
        let object = parsed[0].as_object().unwrap();
        for column in ["workload", "floor"] {
            assert!(object[column].is_string(), "{column}");
        }
        for column in [
            "callers",
            "ops_per_s",
            "p50_ms",
            "p99_ms",
            "cpu_s_per_1000",
            "rss_mib",
            "floor_ops_per_s",
            "ratio",
        ] {
            assert!(object[column].is_number(), "{column}");
        }
        assert_eq!(object["ratio"], 1.5);
        assert_eq!(object["ops_per_s"], 3_000.0);
        assert_eq!(object["cpu_s_per_1000"], 0.1235);
        assert_eq!(object["fixed_rate_per_s"], 2_100.0);
    }

    #[test]
    fn without_a_floor_there_is_no_ratio() {
        let one = Row { floor: None, ..tests::row("get", 1) };
        let value = row(&one);
        assert!(value["ratio"].is_null() && value["floor"].is_null());
        assert!(value.get("fixed_rate_per_s").is_none());
    }
}
