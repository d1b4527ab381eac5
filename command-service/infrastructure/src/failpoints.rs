//! Points at which a test can have the program end, as by a crash. Without the feature `failpoints` there are none.
//!
//! `FAILPOINTS="commit_answered=10*off->return"` ends it when it comes to that point for the eleventh time; a percentage, as in
//! `1%return`, at random.

/// The batch is about to be committed.
pub(crate) const COMMIT_ASKED: &str = "commit_asked";
/// The batch is committed, and nobody was told.
pub(crate) const COMMIT_ANSWERED: &str = "commit_answered";
/// An event is about to be handed over.
pub(crate) const EVENT_READY: &str = "event_ready";
/// An event was handed over, and is not acknowledged yet.
pub(crate) const EVENT_SENT: &str = "event_sent";
/// All events of a page are acknowledged, and the cursor is still before them.
pub(crate) const PAGE_PUBLISHED: &str = "page_published";

/// Takes over what the environment variable FAILPOINTS says.
#[cfg(feature = "failpoints")]
pub fn arm() {
    // The scenario would forget its points again when it is dropped.
    std::mem::forget(fail::FailScenario::setup());
}

/// Ends the process here, if it was told to.
#[cfg(feature = "failpoints")]
pub(crate) fn pass(point: &'static str) {
    fail::fail_point!(point, |_| std::process::abort());
}

#[cfg(not(feature = "failpoints"))]
pub(crate) const fn pass(_point: &'static str) {}
