//! What a command is refused for, reason by reason, and what it does at the edge where it is not.

mod amending;
mod contents;
mod ending;
mod holds;
mod payments;
mod placement;
mod shipments;
