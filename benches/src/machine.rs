//! On what it was measured, for the report.

use std::fs;

use serde_json::{Value, json};

use crate::bed::{Bed, SETTINGS};

/// The machine, the server and its settings.
pub(crate) fn describe(bed: &Bed) -> Value {
    let settings = SETTINGS.iter().map(|(name, value)| format!("{name}={value}"));
    json!({
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "processor": line_of("/proc/cpuinfo", "model name"),
        "memory": line_of("/proc/meminfo", "MemTotal"),
        "kernel": fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim(),
        "postgres": bed.server().version(),
        "settings": settings.collect::<Vec<_>>().join(" "),
    })
}

/// What stands behind the colon in the first line that begins with `key`.
fn line_of(path: &str, key: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.split_once(':'));
    line.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}
