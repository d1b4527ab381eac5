//! R11: a replay is the first answer.

use super::Verdict;
use crate::{
    evidence::Evidence,
    history::{Answer, Call},
};

/// All acknowledgements of a request say the same, and whoever asks once it was acknowledged is told that too.
pub(super) fn check(evidence: &Evidence) -> Verdict {
    let mut findings = Vec::new();
    let mut looked_at = 0;
    for (request, calls) in evidence.requests() {
        let mut answers = calls.iter().filter(|call| call.is_acknowledged()).map(|call| &call.answer);
        let Some(first) = answers.next() else { continue };
        let mut others = answers.peekable();
        looked_at += usize::from(others.peek().is_some());
        if let Some(other) = others.find(|other| *other != first) {
            findings.push(format!("{request} was answered with {first:?} and with {other:?}"));
        }
        let told = calls.iter().filter(|call| call.is_acknowledged()).map(|call| call.returned).min();
        let is_late = |call: &&&Call| told.is_some_and(|told| call.invoked > told);
        let says_otherwise = |call: &&&Call| matches!(call.answer, Answer::Refused { .. } | Answer::Read(_));
        for other in calls.iter().filter(is_late).filter(says_otherwise) {
            findings.push(format!("{request} was answered with {first:?}, and afterwards {other:?}"));
        }
    }
    Verdict { promise: "all answers to a request are the same", looked_at, findings }
}

#[cfg(test)]
mod tests {
    use crate::{
        checkers::planted::{finds, honest},
        history::Answer,
    };

    #[test]
    fn another_answer_to_the_same_request_is_found() {
        let mut evidence = honest();
        let twin = evidence.history.calls.iter_mut().find(|call| call.twin == 1).unwrap();
        let Answer::Committed(seen) = &mut twin.answer else { panic!("{twin:?}") };
        seen.version += 1;
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn a_refusal_of_what_was_acknowledged_before_is_found() {
        let mut evidence = honest();
        let twin = evidence.history.calls.iter_mut().find(|call| call.twin == 1).unwrap();
        twin.answer = Answer::Refused { reason: "ORDER_NOT_FOUND".to_owned() };
        finds(super::check, &evidence, 1);
        // Who asked before anybody was told may have been refused before it was done.
        let twin = evidence.history.calls.iter_mut().find(|call| call.twin == 1).unwrap();
        twin.invoked = 0;
        finds(super::check, &evidence, 0);
    }
}
