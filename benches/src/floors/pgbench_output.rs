//! What pgbench prints and notes, as numbers.

use std::time::Duration;

use hdrhistogram::Histogram;

/// What pgbench says of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Summary {
    /// All transactions.
    pub(super) transactions: u64,
    /// Transactions that were given up.
    pub(super) failed: u64,
    /// Transactions by the second, over the whole run.
    per_second: f64,
    /// Seconds since the start, and transactions by the second since the report before.
    progress: Vec<(f64, f64)>,
}

impl Summary {
    /// Reads both outputs; none if something is missing in them.
    pub(super) fn read(out: &str, err: &str) -> Option<Self> {
        let number = |prefix: &str| {
            let rest = out.lines().find_map(|line| line.trim().strip_prefix(prefix))?;
            rest.split([' ', '/']).find(|word| !word.is_empty())?.parse::<f64>().ok()
        };
        let progress = err.lines().filter_map(|line| {
            let mut words = line.strip_prefix("progress: ")?.split(' ');
            let seconds = words.next()?.parse().ok()?;
            Some((seconds, words.nth(1)?.parse().ok()?))
        });
        Some(Self {
            transactions: number("number of transactions actually processed:")? as u64,
            failed: number("number of failed transactions:")? as u64,
            per_second: number("tps =")?,
            progress: progress.collect(),
        })
    }

    /// Transactions by the second after the first `warm_up` seconds.
    pub(super) fn per_second_after(&self, warm_up: u64) -> f64 {
        let (mut last, mut early) = (0.0, 0.0);
        // Reports come a moment late, never a whole second.
        for &(seconds, per_second) in
            self.progress.iter().filter(|(seconds, _)| *seconds < warm_up as f64 + 0.5)
        {
            early += per_second * (seconds - last);
            last = seconds;
        }
        let whole = self.transactions as f64 / self.per_second;
        if whole <= last { self.per_second } else { (self.transactions as f64 - early) / (whole - last) }
    }
}

/// How long the transactions took that ended in the last `measured` of the run, in nanoseconds.
pub(super) fn latencies(log: &str, measured: Duration) -> Histogram<u64> {
    // A line: client, number, microseconds, script, time of the end in seconds, and its microseconds.
    let lines = log.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(2);
        let took: u64 = words.next()?.parse().ok()?;
        let (seconds, micros): (u64, u64) = (words.nth(1)?.parse().ok()?, words.next()?.parse().ok()?);
        Some((seconds * 1_000_000 + micros, took))
    });
    let all: Vec<_> = lines.collect();
    let end = all.iter().map(|(end, _)| *end).max().unwrap_or(0);
    let begin = end.saturating_sub(u64::try_from(measured.as_micros()).unwrap_or(u64::MAX));
    let mut histogram = Histogram::new_with_max(60_000_000_000, 3).expect("the bounds are valid");
    for (_, took) in all.iter().filter(|(ended, _)| *ended >= begin) {
        histogram.saturating_record(took * 1_000);
    }
    histogram
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUT: &str = "transaction type: x.sql\nnumber of transactions actually processed: 3000\n\
                       number of failed transactions: 0 (0.000%)\nlatency average = 1 ms\n\
                       tps = 1500.000000 (without initial connection time)\n";
    const ERR: &str = "pgbench (15)\nprogress: 1.0 s, 1000.0 tps, lat 1.0 ms stddev 0.1, 0 failed\n\
                       progress: 2.0 s, 2000.0 tps, lat 1.0 ms stddev 0.1, 0 failed\n";

    #[test]
    fn the_warm_up_is_taken_off() {
        let summary = Summary::read(OUT, ERR).unwrap();
        assert_eq!((summary.transactions, summary.failed), (3000, 0));
        assert!((summary.per_second_after(1) - 2000.0).abs() < 1e-6);
        assert!((summary.per_second_after(0) - 1500.0).abs() < 1e-6);
        assert_eq!(Summary::read("", ERR), None);
    }

    #[test]
    fn only_the_end_of_the_notes_counts() {
        let log = "0 1 900 0 100 0\n1 1 500 0 101 500000\n0 2 700 0 102 0\n";
        let latencies = latencies(log, Duration::from_secs(1));
        assert_eq!(latencies.len(), 2);
        assert!(latencies.max() >= 700_000 && latencies.max() < 701_000);
    }
}
