//! A command service that is gone at each of the steps of a commit and of the relay: nothing is lost, nothing is done or arrives
//! twice, and nothing overtakes. `make build` builds the program with failpoints.

use std::os::unix::process::ExitStatusExt;

use chaos::crash;
use rustix::process::Signal;

/// It ends there when it comes there for the 21st time.
async fn gone_at(point: &str) {
    let crash = crash(&format!("{point}=20*off->return")).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(crash.status.signal(), Some(Signal::ABORT.as_raw()), "{}", crash.status);
    for verdict in &crash.verdicts {
        assert!(verdict.findings.is_empty(), "{point}: {verdict:#?}");
    }
    let looked_at = |promise: &str| {
        let verdict = crash.verdicts.iter().find(|verdict| verdict.promise == promise);
        verdict.unwrap_or_else(|| panic!("nobody looks whether {promise}")).looked_at
    };
    assert!(looked_at("what was acknowledged is stored") > 20, "{crash:?}");
    assert!(looked_at("the stream has every event and in order") > 20, "{crash:?}");
}

/// Without it nothing would be published any more, and nobody would know.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_panics_ends_the_process() {
    let crash = crash("page_published=20*off->panic").await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(crash.status.code(), Some(1), "{}", crash.status);
    for verdict in &crash.verdicts {
        assert!(verdict.findings.is_empty(), "{verdict:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_commit() {
    gone_at("commit_asked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_commit_before_anybody_is_told() {
    gone_at("commit_answered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_an_event_is_handed_over() {
    gone_at("event_ready").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_event_is_handed_over_before_it_is_acknowledged() {
    gone_at("event_sent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_page_is_acknowledged_before_the_cursor_moves() {
    gone_at("page_published").await;
}
