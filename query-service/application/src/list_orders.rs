//! Lists orders, page by page.

use std::time::Duration;

use crate::{
    Cursor, Direction, Filter, Freshness, Listed, Listing, OrderDetails, OrderReadRepository, OrderSummary,
    Page, PageSize, QueryError, ReadContext, Start,
};

/// So many orders are counted at most: whoever asks how many match pays for each.
pub const MOST_COUNTED: usize = 10_000;

/// How long that may take: few orders that match may be far from each other. The page does without then.
const COUNTED_WITHIN: Duration = Duration::from_secs(1);

/// The page to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOrders {
    /// Which orders.
    pub filter: Filter,
    /// Where the page starts, and what the list is sorted by.
    pub start: Start,
    /// In which direction.
    pub direction: Direction,
    /// How long the page is at most.
    pub page_size: PageSize,
    /// How much of each order.
    pub view: View,
    /// Whether to count how many orders match.
    pub count_total: bool,
}

/// How much of each order a list carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What fits a row of a list.
    Basic,
    /// The whole order.
    Full,
}

impl View {
    /// How long a page is at most whose orders are seen so.
    pub(crate) fn page_size(self, requested: PageSize) -> PageSize {
        match self {
            Self::Basic => requested,
            Self::Full => requested.of_whole_orders(),
        }
    }
}

/// A page of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders.
    pub orders: Orders,
    /// Where the next page starts, if there is one.
    pub next: Option<Cursor>,
    /// How many orders match, [`MOST_COUNTED`] for that many or more, if it was asked for and does not
    /// take long.
    pub total: Option<i64>,
    /// How new the page is.
    pub freshness: Freshness,
}

/// Orders, with as much of each as was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Orders {
    /// Rows of a list.
    Basic(Vec<OrderSummary>),
    /// Whole orders.
    Full(Vec<OrderDetails>),
}

/// Answers [`ListOrders`].
#[derive(Debug, Clone)]
pub struct ListOrdersHandler<R> {
    orders: R,
}

impl<R: OrderReadRepository> ListOrdersHandler<R> {
    /// Reads from `orders`.
    pub fn new(orders: R) -> Self {
        Self { orders }
    }

    /// The page. An order that is in the list all the while and keeps its place is in exactly one page.
    ///
    /// # Errors
    /// [`QueryError::Read`] only.
    pub async fn handle(&self, query: ListOrders, context: &ReadContext) -> Result<OrderPage, QueryError> {
        let ListOrders { filter, start, direction, page_size, view, count_total } = query;
        let total = match count_total {
            true => self.orders.count(context, &filter, MOST_COUNTED, COUNTED_WITHIN).await?,
            false => None,
        };
        let page_size = view.page_size(page_size);
        let listing = Listing { filter, start, direction, limit: page_size.with_lookahead() };
        let (orders, next, freshness) = match view {
            View::Basic => {
                let rows = self.orders.list_summaries(context, &listing).await?;
                let (items, next) = page(rows.items, page_size, |_| 0);
                (Orders::Basic(items), next, rows.freshness)
            }
            View::Full => {
                let rows = self.orders.list_details(context, &listing).await?;
                let (items, next) = page(rows.items, page_size, |details| details.published_state.len());
                (Orders::Full(items), next, rows.freshness)
            }
        };
        Ok(OrderPage { orders, next, total, freshness })
    }
}

fn page<T>(listed: Vec<Listed<T>>, size: PageSize, bytes: impl Fn(&T) -> usize) -> (Vec<T>, Option<Cursor>) {
    let page = Page::cut(listed, size, |listed| bytes(&listed.item), |listed| listed.position.clone());
    (page.items.into_iter().map(|listed| listed.item).collect(), page.next)
}
