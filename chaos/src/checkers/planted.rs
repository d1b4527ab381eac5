//! Evidence in which all is well, to plant something in.

use super::Verdict;
use crate::{
    evidence::{Commit, Event, Evidence},
    history::{Answer, Call, Seen, Told},
    plan::Node,
};

/// Two orders with three commits each, one request of which has a twin; each read after each commit; one watch; and two events for
/// each commit.
pub(super) fn honest() -> Evidence {
    let mut evidence = Evidence { watches: 1, ..Evidence::default() };
    let mut moment = 10;
    for number in 0..6_u64 {
        let (order, version) = (format!("order-{}", number / 3), i64::try_from(number % 3).unwrap() + 1);
        let request = format!("request-{number}");
        let seen = Seen { order: order.clone(), version, state: number + 100 };
        let mut call = |kind, request: Option<&String>, twin, answer| {
            moment += 10;
            Call {
                kind,
                request: request.cloned(),
                twin,
                order: Some(order.clone()),
                node: Node::Command(0),
                invoked: moment,
                returned: moment + 5,
                answer,
            }
        };
        let calls = &mut evidence.history.calls;
        calls.push(call("Note", Some(&request), 0, Answer::Committed(seen.clone())));
        if number == 0 {
            calls.push(call("Note", Some(&request), 1, Answer::Committed(seen.clone())));
        }
        calls.push(call("GetOrder", None, 0, Answer::Read(seen)));
        let state = Some(number + 100);
        evidence.history.told.push(Told { watch: 0, order: order.clone(), version, state });
        let events = (0..2).map(|index| Event { order: order.clone(), version, index });
        evidence.published.extend(events);
        evidence.commits.push(Commit { order, version, request: Some(request), state, events: 2 });
    }
    evidence
}

pub(super) fn last_commit(evidence: &mut Evidence) -> &mut Commit {
    evidence.commits.last_mut().unwrap()
}

/// The checker finds so many things, and none in the evidence in which all is well.
pub(super) fn finds(check: fn(&Evidence) -> Verdict, evidence: &Evidence, findings: usize) {
    let honest = check(&honest());
    assert!(honest.findings.is_empty() && honest.looked_at > 0, "{honest:?}");
    let found = check(evidence).findings;
    assert_eq!(found.len(), findings, "{found:#?}");
}

#[test]
fn all_is_well_where_all_is_well() {
    for verdict in super::all(&honest()) {
        assert!(verdict.findings.is_empty() && verdict.looked_at > 0, "{verdict:?}");
    }
}
