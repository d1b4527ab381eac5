//! Finds orders by words, the best matches first, page by page.

use shared_domain::{OrderId, Timestamp};

use crate::{Filter, Freshness, OrderProjections, Orders, Page, PageSize, QueryError, ReadContext, View};

/// The page to read.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOrders {
    /// What to look for.
    pub words: SearchWords,
    /// Which orders.
    pub filter: Filter,
    /// Where the page starts; nothing for the first one.
    pub after: Option<SearchPosition>,
    /// How long the page is at most.
    pub page_size: PageSize,
    /// How much of each order.
    pub view: View,
}

/// Words, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWords {
    /// An order has to have all of these, at least one; the last may be the beginning of one of its words.
    pub required: Vec<String>,
    /// An order that has any of these is a better match.
    pub preferred: Vec<String>,
}

/// A place in what was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchPosition {
    /// How good the match is: better ones come first.
    pub rank: f32,
    /// When the order was created: of equally good ones, those created last come first.
    pub create_time: Timestamp,
    /// The order.
    pub order: OrderId,
}

/// Which stretch of what is found to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What to look for.
    pub words: SearchWords,
    /// Which orders.
    pub filter: Filter,
    /// Where to start; nothing for the beginning.
    pub after: Option<SearchPosition>,
    /// How many at most.
    pub limit: usize,
}

/// An order that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// Where it is in what was found.
    pub position: SearchPosition,
    /// What it is.
    pub item: T,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPage {
    /// The orders.
    pub orders: Orders,
    /// Where the next page starts, if there is one.
    pub next: Option<SearchPosition>,
    /// How new the page is.
    pub freshness: Freshness,
}

/// Answers [`SearchOrders`].
#[derive(Debug, Clone)]
pub struct SearchOrdersHandler<P> {
    projections: P,
}

impl<P: OrderProjections> SearchOrdersHandler<P> {
    /// Reads from `projections`.
    pub fn new(projections: P) -> Self {
        Self { projections }
    }

    /// The page.
    ///
    /// # Errors
    /// [`QueryError::Read`] only.
    pub async fn handle(&self, query: SearchOrders, context: &ReadContext) -> Result<SearchPage, QueryError> {
        let SearchOrders { words, filter, after, page_size, view } = query;
        let page_size = view.page_size(page_size);
        let search = Search { words, filter, after, limit: page_size.with_lookahead() };
        let (orders, next, freshness) = match view {
            View::Basic => {
                let found = self.projections.search_summaries(context, &search).await?;
                let (items, next) = page(found.items, page_size, |_| 0);
                (Orders::Basic(items), next, found.freshness)
            }
            View::Full => {
                let found = self.projections.search_details(context, &search).await?;
                let (items, next) = page(found.items, page_size, |details| details.published_state.len());
                (Orders::Full(items), next, found.freshness)
            }
        };
        Ok(SearchPage { orders, next, freshness })
    }
}

fn page<T>(
    found: Vec<Found<T>>,
    size: PageSize,
    bytes: impl Fn(&T) -> usize,
) -> (Vec<T>, Option<SearchPosition>) {
    let page = Page::cut(found, size, |found| bytes(&found.item), |found| found.position);
    (page.items.into_iter().map(|found| found.item).collect(), page.next)
}
