//! The turns of one side of a comparison.

use hdrhistogram::Histogram;

use crate::measure::Cost;

/// All turns so far.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    per_second: Vec<f64>,
    latencies: Histogram<u64>,
    /// What all turns together have cost.
    pub(crate) cost: Cost,
}

impl Series {
    /// No turn yet.
    pub(crate) fn new() -> Self {
        let latencies = Histogram::new(3).expect("three digits are few enough");
        Self { per_second: Vec::new(), latencies, cost: Cost::default() }
    }

    /// Adds a turn: operations by the second, their times in nanoseconds, and their cost.
    pub(crate) fn add(&mut self, per_second: f64, latencies: &Histogram<u64>, cost: Cost) {
        self.per_second.push(per_second);
        self.latencies.add(latencies).expect("this histogram grows as needed");
        self.cost = self.cost.and(cost);
    }

    /// The median of the turns, in operations by the second.
    pub(crate) fn per_second(&self) -> f64 {
        median(&self.per_second)
    }

    /// The time that a share of all operations stayed within, in milliseconds.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        self.latencies.value_at_quantile(share) as f64 / 1e6
    }
}

/// The middle one, or the mean of the two in the middle; 0 if there is none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(nanos: impl IntoIterator<Item = u64>) -> Histogram<u64> {
        let mut histogram = Histogram::new(3).unwrap();
        nanos.into_iter().for_each(|nanos| histogram.record(nanos).unwrap());
        histogram
    }

    #[test]
    fn the_median_is_that_of_the_turns_and_percentiles_are_those_of_all_operations() {
        let mut series = Series::new();
        series.add(30.0, &times((1..=99).map(|ms| ms * 1_000_000)), Cost::default());
        series.add(10.0, &times([100_000_000]), Cost::default());
        series.add(20.0, &times([]), Cost::default());
        assert!((series.per_second() - 20.0).abs() < 1e-9);
        assert!((series.quantile_ms(0.5) - 50.0).abs() < 0.1);
        assert!((series.quantile_ms(0.99) - 99.0).abs() < 0.1);
    }

    #[test]
    fn an_even_number_has_its_median_in_between() {
        assert!((median(&[4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-9);
        assert_eq!(median(&[]), 0.0);
    }
}
