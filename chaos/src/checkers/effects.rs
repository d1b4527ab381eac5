//! R2: no command has two effects, and one that was refused has none.

use std::collections::HashSet;

use super::Verdict;
use crate::{evidence::Evidence, history::Answer};

/// Every commit is of one request that was sent, of no other commit, and was not refused.
pub(super) fn check(evidence: &Evidence) -> Verdict {
    let requests = evidence.requests();
    let mut done = HashSet::new();
    let mut findings = Vec::new();
    for commit in &evidence.commits {
        let calls = commit.request.as_deref().and_then(|request| requests.get(request));
        let Some(calls) = calls else {
            findings.push(format!("{commit:?} is of a request that nobody sent"));
            continue;
        };
        if !done.insert(&commit.request) {
            findings.push(format!("{commit:?} is the second effect of its request"));
        }
        let refused = calls.iter().find(|call| matches!(call.answer, Answer::Refused { .. }));
        if let (Some(refused), false) = (refused, calls.iter().any(|call| call.is_acknowledged())) {
            findings.push(format!("{commit:?} is there although it was refused: {refused:?}"));
        }
    }
    Verdict { promise: "every request has one effect at most", looked_at: evidence.commits.len(), findings }
}

#[cfg(test)]
mod tests {
    use crate::{
        checkers::planted::{finds, honest, last_commit},
        history::Answer,
    };

    #[test]
    fn a_second_effect_is_found() {
        let mut evidence = honest();
        let mut again = last_commit(&mut evidence).clone();
        again.version += 1;
        evidence.commits.push(again);
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn an_effect_of_nobodys_request_is_found() {
        let mut evidence = honest();
        last_commit(&mut evidence).request = Some("nobody's".to_owned());
        finds(super::check, &evidence, 1);
        last_commit(&mut evidence).request = None;
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn an_effect_of_what_was_refused_is_found() {
        let mut evidence = honest();
        let request = last_commit(&mut evidence).request.clone();
        for call in evidence.history.calls.iter_mut().filter(|call| call.request == request) {
            call.answer = Answer::Refused { reason: "ORDER_NOT_FOUND".to_owned() };
        }
        finds(super::check, &evidence, 1);
    }
}
