//! Each order has the versions 1, 2, 3 and so on, in the order of the feed.

use std::collections::HashMap;

use super::Verdict;
use crate::evidence::Evidence;

/// Every commit makes the next version of its order.
pub(super) fn check(evidence: &Evidence) -> Verdict {
    let mut versions: HashMap<&str, i64> = HashMap::new();
    let mut findings = Vec::new();
    for commit in &evidence.commits {
        let version = versions.entry(&commit.order).or_default();
        *version += 1;
        if commit.version != *version {
            findings.push(format!("{commit:?} stands where version {version} of the order should"));
        }
    }
    Verdict { promise: "versions have no gap", looked_at: versions.len(), findings }
}

#[cfg(test)]
mod tests {
    use crate::checkers::planted::{finds, honest, last_commit};

    #[test]
    fn a_gap_and_a_repetition_are_found() {
        let mut evidence = honest();
        last_commit(&mut evidence).version += 1;
        finds(super::check, &evidence, 1);
        last_commit(&mut evidence).version -= 2;
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn commits_of_one_order_in_another_order_are_found() {
        let mut evidence = honest();
        evidence.commits.swap(0, 1);
        finds(super::check, &evidence, 2);
    }
}
