//! R3: each order's events arrive complete and in order.

use std::{collections::HashMap, fmt::Debug, hash::Hash};

use super::Verdict;
use crate::evidence::{Event, Evidence};

/// What watches told is what was committed: all of it, once, and the commits of each order in their order.
pub(super) fn watches(evidence: &Evidence) -> Verdict {
    let commits = evidence.commits.iter();
    let expected = by_order(commits.map(|commit| (commit.order.clone(), (commit.version, commit.state))));
    let mut findings = Vec::new();
    for watch in 0..evidence.watches {
        let told = evidence.history.told.iter().filter(|told| told.watch == watch);
        let told = by_order(told.map(|told| (told.order.clone(), (told.version, told.state))));
        findings.extend(differences(&expected, &told).map(|what| format!("watch {watch}: {what}")));
    }
    let looked_at = evidence.history.told.len();
    Verdict { promise: "watches tell every commit once and in order", looked_at, findings }
}

/// What was published is what was committed, for a consumer that leaves out what it has seen: all of it, and the events of each
/// order in their order.
pub(super) fn stream(evidence: &Evidence) -> Verdict {
    let events = evidence
        .commits
        .iter()
        .flat_map(|commit| (0..commit.events).map(|index| (commit.order.clone(), (commit.version, index))));
    let expected = by_order(events);
    let mut seen = std::collections::HashSet::new();
    let published = evidence.published.iter().filter(|event| seen.insert(*event));
    let published =
        by_order(published.map(|Event { order, version, index }| (order.clone(), (*version, *index))));
    let findings = differences(&expected, &published).collect();
    let looked_at = evidence.published.len();
    Verdict { promise: "the stream has every event and in order", looked_at, findings }
}

fn by_order<T>(all: impl Iterator<Item = (String, T)>) -> HashMap<String, Vec<T>> {
    let mut orders: HashMap<String, Vec<T>> = HashMap::new();
    for (order, one) in all {
        orders.entry(order).or_default().push(one);
    }
    orders
}

fn differences<T: Debug + Eq + Hash>(
    expected: &HashMap<String, Vec<T>>,
    arrived: &HashMap<String, Vec<T>>,
) -> impl Iterator<Item = String> {
    let unknown = arrived.keys().filter(|order| !expected.contains_key(*order));
    let unknown = unknown.map(|order| format!("{order} is of no commit"));
    let differing = expected.iter().filter_map(|(order, expected)| {
        let arrived = arrived.get(order).map(Vec::as_slice).unwrap_or_default();
        let same = expected.iter().zip(arrived).take_while(|(expected, arrived)| expected == arrived).count();
        (expected != arrived).then(|| {
            let (missing, instead) = (expected.get(same), arrived.get(same));
            let (of, got) = (expected.len(), arrived.len());
            format!("{order}: {got} instead of {of}; instead of {missing:?} came {instead:?}")
        })
    });
    unknown.chain(differing).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use crate::checkers::planted::{finds, honest};

    #[test]
    fn a_commit_that_was_not_told_is_found() {
        let mut evidence = honest();
        evidence.history.told.remove(0);
        finds(super::watches, &evidence, 1);
    }

    #[test]
    fn a_commit_that_was_told_twice_is_found() {
        let mut evidence = honest();
        let again = evidence.history.told[0].clone();
        evidence.history.told.push(again);
        finds(super::watches, &evidence, 1);
    }

    #[test]
    fn commits_that_were_told_in_another_order_are_found() {
        let mut evidence = honest();
        evidence.history.told.swap(0, 1);
        finds(super::watches, &evidence, 1);
    }

    #[test]
    fn a_watch_that_tells_nothing_is_found() {
        let mut evidence = honest();
        evidence.watches += 1;
        finds(super::watches, &evidence, 2);
    }

    #[test]
    fn an_event_that_is_missing_is_found_and_one_that_is_repeated_is_not() {
        let mut evidence = honest();
        let again = evidence.published[0].clone();
        evidence.published.push(again);
        finds(super::stream, &evidence, 0);
        evidence.published.retain(|event| event.version != 1);
        finds(super::stream, &evidence, 2);
    }

    #[test]
    fn events_of_one_order_in_another_order_are_found() {
        let mut evidence = honest();
        evidence.published.swap(0, 1);
        finds(super::stream, &evidence, 1);
    }

    #[test]
    fn an_event_of_no_commit_is_found() {
        let mut evidence = honest();
        let mut strange = evidence.published[0].clone();
        strange.order = "elsewhere".to_owned();
        evidence.published.push(strange);
        finds(super::stream, &evidence, 1);
    }
}
