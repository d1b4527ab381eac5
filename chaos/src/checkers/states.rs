//! What was read was there.

use std::collections::HashMap;

use super::Verdict;
use crate::{evidence::Evidence, history::Answer};

/// Every state that was answered without a commit is one that was committed, with its version.
pub(super) fn check(evidence: &Evidence) -> Verdict {
    let states: HashMap<_, _> = evidence
        .commits
        .iter()
        .map(|commit| ((commit.order.as_str(), commit.version), commit.state))
        .collect();
    let mut findings = Vec::new();
    let mut looked_at = 0;
    for call in &evidence.history.calls {
        let Answer::Read(seen) = &call.answer else { continue };
        looked_at += 1;
        let stored = states.get(&(seen.order.as_str(), seen.version));
        if stored != Some(&Some(seen.state)) {
            findings.push(format!("{call:?} shows what is not stored: {stored:?}"));
        }
    }
    Verdict { promise: "what was read was there", looked_at, findings }
}

#[cfg(test)]
mod tests {
    use crate::{
        checkers::planted::{finds, honest},
        history::Answer,
    };

    #[test]
    fn a_state_that_never_was_is_found() {
        let mut evidence = honest();
        let reads = evidence.history.calls.iter_mut().filter_map(|call| match &mut call.answer {
            Answer::Read(seen) => Some(seen),
            _ => None,
        });
        reads.last().unwrap().state = 0;
        finds(super::check, &evidence, 1);
    }
}
