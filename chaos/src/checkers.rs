//! What has to be so afterwards. Each checker looks through the evidence and says what is not as promised; it knows nothing of how the
//! services work.

mod acknowledged;
mod complete;
mod defects;
mod effects;
#[cfg(test)]
mod planted;
mod real_time;
mod states;
mod twins;
mod versions;

use crate::evidence::Evidence;

/// What a checker found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What has to be so.
    pub promise: &'static str,
    /// How many things it has looked at: one that looks at nothing finds nothing.
    pub looked_at: usize,
    /// What is not so.
    pub findings: Vec<String>,
}

/// Looks through the evidence with every checker.
#[must_use]
pub fn all(evidence: &Evidence) -> Vec<Verdict> {
    vec![
        acknowledged::check(evidence),
        effects::check(evidence),
        twins::check(evidence),
        versions::check(evidence),
        real_time::check(evidence),
        states::check(evidence),
        complete::watches(evidence),
        complete::stream(evidence),
        defects::check(evidence),
    ]
}
