//! Whatever fails around them, the services have no defect to report.

use super::Verdict;
use crate::{evidence::Evidence, history::Answer};

/// No service answers INTERNAL. The library of the clients says it too, of connections that broke, but without a reason.
pub(super) fn check(evidence: &Evidence) -> Verdict {
    let is_defect =
        |answer: &Answer| matches!(answer, Answer::Unknown { reason, .. } if reason == "INTERNAL");
    let calls = &evidence.history.calls;
    let defects = calls.iter().filter(|call| is_defect(&call.answer));
    let findings = defects.map(|call| format!("{call:?}")).collect();
    Verdict { promise: "no service reports a defect", looked_at: calls.len(), findings }
}

#[cfg(test)]
mod tests {
    use crate::{
        checkers::planted::{finds, honest},
        history::Answer,
    };

    #[test]
    fn a_reported_defect_is_found() {
        let mut evidence = honest();
        let answer = |reason: &str| Answer::Unknown {
            code: "Internal".to_owned(),
            reason: reason.to_owned(),
            message: "h2".to_owned(),
        };
        evidence.history.calls[0].answer = answer("");
        finds(super::check, &evidence, 0);
        evidence.history.calls[0].answer = answer("INTERNAL");
        finds(super::check, &evidence, 1);
    }
}
