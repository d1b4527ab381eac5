//! The log: to stderr, so that stdout keeps to the ready line.

use std::io::{self, IsTerminal};

use tracing_subscriber::{Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogArgs, LogFormat};

/// Sends what the process logs from now on to stderr. Only the first call in a process has an effect.
pub fn init(log: &LogArgs) {
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match log.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _already_set =
        tracing_subscriber::registry().with(lines.with_filter(log.log_level.clone())).try_init();
}
