//! The log: to stderr, so that stdout keeps to the ready line.

mod chain;
mod repeated;

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

pub use chain::chain;
pub use repeated::Repeated;

use crate::config::{LogArgs, LogFormat};

/// What libraries log at most: `async_nats` has a line for each attempt to connect, `h2` one for each client that breaks its rules.
const TALKATIVE: [(&str, LevelFilter); 2] = [("async_nats", LevelFilter::OFF), ("h2", LevelFilter::ERROR)];

/// Sends what the process logs from now on to stderr. Only the first call in a process has an effect.
pub fn init(log: &LogArgs) {
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match log.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _already_set =
        tracing_subscriber::registry().with(lines.with_filter(quieter(log.log_level.clone()))).try_init();
}

/// The filter without what libraries say too often, unless it names them.
fn quieter(filter: Targets) -> Targets {
    let named = |library: &str| filter.iter().any(|(target, _)| target.starts_with(library));
    let unnamed: Vec<_> = TALKATIVE.into_iter().filter(|(library, _)| !named(library)).collect();
    unnamed.into_iter().fold(filter, |filter, (library, level)| filter.with_target(library, level))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn talkative_libraries_are_heard_only_if_they_are_named() {
        let enabled = |filter: &str| {
            quieter(filter.parse().unwrap()).would_enable("async_nats::connector", &Level::ERROR)
        };
        assert!(!enabled("info"));
        assert!(!enabled("debug,tonic=warn"));
        assert!(enabled("info,async_nats=warn"));
    }
}
