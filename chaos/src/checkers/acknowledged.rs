//! R1: an acknowledged command is never lost.

use std::collections::HashMap;

use super::Verdict;
use crate::{
    evidence::{Commit, Evidence},
    history::Answer,
};

/// Every acknowledgement has its row, which says what was acknowledged.
pub(super) fn check(evidence: &Evidence) -> Verdict {
    let by_request: HashMap<_, _> =
        evidence.commits.iter().filter_map(|commit| Some((commit.request.as_deref()?, commit))).collect();
    let mut findings = Vec::new();
    let mut looked_at = 0;
    for call in evidence.history.calls.iter().filter(|call| call.is_acknowledged()) {
        looked_at += 1;
        let row = call.request.as_deref().and_then(|request| by_request.get(request));
        if !row.is_some_and(|row| says(row, &call.answer)) {
            findings.push(format!("{call:?} was acknowledged, and stored is {row:?}"));
        }
    }
    Verdict { promise: "what was acknowledged is stored", looked_at, findings }
}

fn says(row: &Commit, answer: &Answer) -> bool {
    match answer {
        Answer::Committed(seen) => {
            (&row.order, row.version, row.state) == (&seen.order, seen.version, Some(seen.state))
        }
        Answer::Deleted { order } => (&row.order, row.state) == (order, None),
        Answer::Read(_) | Answer::Refused { .. } | Answer::Unknown { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::checkers::planted::{finds, honest, last_commit};

    #[test]
    fn a_lost_commit_is_found() {
        let mut evidence = honest();
        evidence.commits.pop();
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn a_commit_with_another_version_or_another_state_is_found() {
        let mut evidence = honest();
        last_commit(&mut evidence).version += 1;
        finds(super::check, &evidence, 1);
        let mut evidence = honest();
        last_commit(&mut evidence).state = Some(0);
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn a_commit_whose_request_was_not_stored_is_found() {
        let mut evidence = honest();
        last_commit(&mut evidence).request = None;
        finds(super::check, &evidence, 1);
    }
}
