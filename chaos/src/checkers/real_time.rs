//! Each order is linearizable: what happens to it and what is read of it fits the order in which calls began and were over.
//!
//! Versions make this easy. What any call has shown of an order before another one began, that one must not fall behind: a read
//! shows at least that version, and a command makes a later one.

use std::collections::{BTreeMap, HashMap};

use super::Verdict;
use crate::{evidence::Evidence, history::Answer};

/// A version of an order, and the call that shows it, or makes it.
#[derive(Debug, Clone, Copy)]
struct Operation<'e> {
    order: &'e str,
    version: i64,
    makes: bool,
    invoked: u64,
    /// None if nobody was told.
    returned: Option<u64>,
}

/// No call falls behind what was shown before it began.
pub(super) fn check(evidence: &Evidence) -> Verdict {
    let operations: Vec<_> = writes(evidence).chain(reads(evidence)).collect();
    let mut moments: BTreeMap<u64, (&Operation<'_>, bool)> = BTreeMap::new();
    for operation in &operations {
        moments.insert(operation.invoked, (operation, false));
        if let Some(returned) = operation.returned {
            moments.insert(returned, (operation, true));
        }
    }
    let mut shown: HashMap<&str, i64> = HashMap::new();
    let mut findings = Vec::new();
    for (operation, is_over) in moments.into_values() {
        let shown = shown.entry(operation.order).or_default();
        if is_over {
            *shown = operation.version.max(*shown);
        } else if operation.version < *shown + i64::from(operation.makes) {
            findings.push(format!("version {shown} of the order was known before this began: {operation:?}"));
        }
    }
    Verdict { promise: "nothing falls behind what was known", looked_at: operations.len(), findings }
}

/// One for each request that has a commit: from its first call on.
fn writes(evidence: &Evidence) -> impl Iterator<Item = Operation<'_>> {
    let requests = evidence.requests();
    evidence.commits.iter().filter_map(move |commit| {
        let calls = requests.get(commit.request.as_deref()?)?;
        let acknowledged = calls.iter().filter(|call| call.is_acknowledged());
        Some(Operation {
            order: &commit.order,
            version: commit.version,
            makes: true,
            invoked: calls.iter().map(|call| call.invoked).min()?,
            returned: acknowledged.map(|call| call.returned).min(),
        })
    })
}

/// One for each call that shows an order as it is. An order that is not found is at version 0; one that was deleted by somebody at the
/// version that this made.
fn reads(evidence: &Evidence) -> impl Iterator<Item = Operation<'_>> {
    let gone = evidence.commits.iter().filter(|commit| commit.state.is_none());
    let gone: HashMap<_, _> = gone.map(|commit| (commit.order.as_str(), commit.version)).collect();
    evidence.history.calls.iter().filter_map(move |call| {
        let (order, version) = match &call.answer {
            Answer::Read(seen) => (seen.order.as_str(), seen.version),
            Answer::Refused { reason } if reason == "ORDER_NOT_FOUND" => {
                let order = call.order.as_deref()?;
                (order, gone.get(order).copied().unwrap_or_default())
            }
            _ => return None,
        };
        let (invoked, returned) = (call.invoked, Some(call.returned));
        Some(Operation { order, version, makes: false, invoked, returned })
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        checkers::planted::{finds, honest, last_commit},
        evidence::Evidence,
        history::{Answer, Call},
    };

    /// The call that comes last.
    fn read_or_refusal(evidence: &mut Evidence) -> &mut Call {
        evidence.history.calls.last_mut().unwrap()
    }

    /// The last read.
    fn read(calls: &mut [Call]) -> &mut Call {
        calls.iter_mut().rfind(|call| matches!(call.answer, Answer::Read(_))).unwrap()
    }

    #[test]
    fn a_stale_read_is_found() {
        let mut evidence = honest();
        let Answer::Read(seen) = &mut read(&mut evidence.history.calls).answer else { unreachable!() };
        seen.version -= 1;
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn an_order_that_is_not_found_any_more_is_found() {
        let mut evidence = honest();
        read(&mut evidence.history.calls).answer = Answer::Refused { reason: "ORDER_NOT_FOUND".to_owned() };
        finds(super::check, &evidence, 1);
    }

    /// The last order, deleted by its last commit, and not found afterwards.
    fn deleted() -> Evidence {
        let mut evidence = honest();
        let last = last_commit(&mut evidence);
        last.state = None;
        let (order, request) = (last.order.clone(), last.request.clone());
        let calls = &mut evidence.history.calls;
        calls.iter_mut().find(|call| call.request == request).unwrap().answer = Answer::Deleted { order };
        read(calls).answer = Answer::Refused { reason: "ORDER_NOT_FOUND".to_owned() };
        evidence
    }

    #[test]
    fn an_order_that_is_read_after_it_was_deleted_is_found() {
        finds(super::check, &deleted(), 0);
        let (mut evidence, before) = (deleted(), honest());
        // As it was before.
        let Answer::Read(seen) = &before.history.calls[before.history.calls.len() - 3].answer else {
            unreachable!()
        };
        read_or_refusal(&mut evidence).answer = Answer::Read(seen.clone());
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn an_order_that_is_not_found_before_anybody_deletes_it_is_found() {
        let mut evidence = deleted();
        let calls = &evidence.history.calls;
        let deletion = calls[calls.len() - 2].invoked;
        let refusal = read_or_refusal(&mut evidence);
        (refusal.invoked, refusal.returned) = (deletion - 2, deletion - 1);
        let found = super::check(&evidence).findings;
        assert!(!found.is_empty());
    }

    #[test]
    fn a_read_of_what_was_not_asked_for_yet_is_found() {
        let mut evidence = honest();
        let read = read(&mut evidence.history.calls);
        // Over before the first command began.
        (read.invoked, read.returned) = (1, 2);
        let found = super::check(&evidence).findings;
        assert!(!found.is_empty());
    }

    #[test]
    fn a_command_that_was_over_before_another_began_and_comes_after_it_is_found() {
        let mut evidence = honest();
        evidence.history.calls.retain(|call| call.request.is_some());
        let requests: Vec<_> = evidence.commits[..2].iter().map(|commit| commit.request.clone()).collect();
        evidence.commits[0].request = requests[1].clone();
        evidence.commits[1].request = requests[0].clone();
        finds(super::check, &evidence, 1);
    }

    #[test]
    fn a_read_that_began_before_the_commit_was_acknowledged_may_show_either() {
        let mut evidence = honest();
        let read = read(&mut evidence.history.calls);
        read.invoked = 0;
        let Answer::Read(seen) = &mut read.answer else { unreachable!() };
        seen.version -= 1;
        finds(super::check, &evidence, 0);
    }
}
