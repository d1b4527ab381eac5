//! What callers do. Each workload makes its requests by patching one that was encoded before.

mod change;
mod get;
mod list;
mod mix;
mod order;
mod place;
mod request;

pub(crate) use change::Change;
pub(crate) use get::Get;
pub(crate) use list::{List, PAGE};
pub(crate) use mix::{GET_SHARE, LIST_SHARE, Mix, PLACE_SHARE};
pub(crate) use order::order;
pub(crate) use place::Place;

/// The workloads, as they are named in the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Create and place an order with 3 lines in one call.
    Place,
    /// Hold an order, or release one.
    Change,
    /// Read one order by its id.
    Get,
    /// Read the first page of a customer's orders.
    List,
    /// 60 % get, 20 % list, 20 % place.
    Mix,
}

impl Kind {
    /// All of them, in the order of the report.
    pub(crate) const ALL: [Self; 5] = [Self::Place, Self::Change, Self::Get, Self::List, Self::Mix];

    /// Its name in the results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Change => "change",
            Self::Get => "get",
            Self::List => "list",
            Self::Mix => "mix",
        }
    }
}
