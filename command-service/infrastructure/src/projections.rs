//! The projections: what is computed from the feed of commits, and never by the commands themselves, which pay nothing for it.
//!
//! A projection is followed page by page. What a page changes is computed in memory, and applied by one statement, which moves the
//! projection's cursor and does the rest only if the cursor was still where the page began. So each commit counts exactly once,
//! however many processes follow and whenever they are killed; nobody has to lead.
//!
//! A generation is one computation of a projection from the first commit on. One of them is active, which means that it is read.
//! Another one can be built beside it and then take its place, in one statement.

mod apply_search;
mod apply_statistics;
mod follower;
mod generations;
mod moving;
mod net_changes;
mod overview;
mod projector;
mod rebuild;
mod search_document;
mod statistics;
mod tsvector;

pub use follower::{Following, follow};
pub use generations::{Projection, ProjectionError};
pub use overview::{ProjectionOverview, overview};
pub use rebuild::{Rebuilt, rebuild};
