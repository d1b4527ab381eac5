//! An error as one line of the log.

use std::{error::Error, iter};

/// An error and its causes, outermost first.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut causes = vec![error.to_string()];
    causes.extend(iter::successors(error.source(), |&cause| cause.source()).map(ToString::to_string));
    causes.join(": ")
}
