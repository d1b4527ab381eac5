//! What is logged, and how.

use clap::{Args, ValueEnum};
use tracing_subscriber::filter::Targets;

/// The flags of the log, which goes to stderr.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub struct LogArgs {
    /// Least level to log, if need be by module: `info`, or `warn,shared_infrastructure=debug`
    #[arg(long, env, value_name = "FILTER", default_value = "info", value_parser = filter)]
    pub log_level: Targets,

    /// Lines for people or for machines
    #[arg(long, env, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text, coloured on a terminal
    Text,
    /// One JSON object a line
    Json,
}

/// Refuses a lone word that is no level: the filter's grammar takes it for a module and would log nothing but that.
fn filter(text: &str) -> Result<Targets, String> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let problem = || format!("expected one of {}, or pairs of module=level", levels.join(", "));
    let is_level = |word: &str| levels.contains(&word.to_ascii_lowercase().as_str());
    if !text.split(',').all(|part| is_level(part.rsplit('=').next().unwrap_or(part).trim())) {
        return Err(problem());
    }
    text.parse().map_err(|_| problem())
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn filters_are_levels_or_pairs() {
        for good in ["info", "WARN", "warn,tonic=debug", "off"] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for bad in ["", "loud", "tonic", "tonic=loud", "info,"] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
