//! Storage that has the same order over and over, and looks at what it is asked: whatever arrives is something that the database
//! can take.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use prost::Message;
use query_application::{
    AggregateOrders, Aggregates, Cursor, DatabaseStatus, FeedBounds, FeedPage, FeedPosition, Filter, Found,
    Fresh, Freshness, HistoryEntry, Listed, Listing, LiveError, LiveFeed, LookupKey, OrderDetails, OrderFeed,
    OrderProjections, OrderReadRepository, OrderSummary, OrdersAsOf, PastState, PublishedOrder, ReadContext,
    ReadError, ReadStatus, Search, SearchPosition, SortField, SortKey, Start, StorageStatus, Term,
};
use shared_domain::{Actor, ActorKind, OrderId, TenantId, Timestamp};
use shared_infrastructure::wire::is_in_range;
use uuid::Uuid;

/// The name of the order that there is.
pub(crate) const ORDER: &str = "orders/00000000-0000-0000-0000-00000000002a";

/// The storage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Storage;

fn order() -> OrderId {
    OrderId::referring(Uuid::from_u128(42))
}

fn time() -> Timestamp {
    Timestamp::from_timestamp(1_767_225_600, 0).expect("a time of this century")
}

fn freshness() -> Freshness {
    Freshness::of_transaction(9)
}

fn state() -> Bytes {
    let order = orders_proto::orders::v1::Order { name: ORDER.into(), version: 1, ..Default::default() };
    order.encode_to_vec().into()
}

fn details() -> OrderDetails {
    OrderDetails { order: order(), version: 1, transaction: 9, published_state: state() }
}

fn past() -> PastState {
    PastState { version: 1, commit_time: time(), transaction: 9, published_state: Some(state()) }
}

fn summary() -> OrderSummary {
    OrderSummary { basic_view: state() }
}

fn entry(version: i64) -> HistoryEntry {
    let actor = Actor { kind: ActorKind::User, subject: "ada".into() };
    HistoryEntry {
        order: order(),
        version,
        commit_time: time(),
        actor,
        request: None,
        events: Bytes::new(),
        transaction: 9,
    }
}

fn check_context(context: &ReadContext) {
    if let Some(Freshness { transaction, commit }) = context.at_least {
        assert!(transaction > 0 && commit.is_none_or(|(_, version)| version > 0), "{context:?}");
    }
}

/// PostgreSQL's texts have no NUL.
fn check_text(text: &str) {
    assert!(!text.contains('\0') && text.len() <= 64 * 1024, "{text:?}");
}

fn check_time(time: &Timestamp) {
    assert!(is_in_range(time), "{time}");
}

fn check_filter(filter: &Filter) {
    assert!(filter.terms.len() <= 1_000, "{} terms", filter.terms.len());
    for term in &filter.terms {
        match term {
            Term::Channel(text) => check_text(text.as_str()),
            Term::Customer(text) => check_text(text.as_str()),
            Term::OrderNumber(text) => check_text(text.as_str()),
            Term::ExternalSource(text) | Term::Tag(text) => check_text(text.as_str()),
            Term::ExternalId(text) => check_text(text.as_str()),
            Term::Metadata(key, value) => {
                check_text(key.as_str());
                value.iter().for_each(|value| check_text(value.as_str()));
            }
            Term::LineSku(text) => check_text(text.as_str()),
            Term::Time(_, _, time) => check_time(time),
            Term::State(_) | Term::PaymentState(_) | Term::FulfillmentState(_) => {}
            Term::Hold(_) | Term::Total(..) => {}
        }
    }
}

fn check_listing(listing: &Listing) {
    check_filter(&listing.filter);
    assert!((2..=201).contains(&listing.limit), "{}", listing.limit);
    if let Start::After(Cursor { key, .. }) = &listing.start {
        match key {
            SortKey::CreateTime(time) | SortKey::UpdateTime(time) => check_time(time),
            SortKey::PlaceTime(time) => time.iter().for_each(check_time),
            SortKey::OrderNumber(number) => number.iter().for_each(|number| check_text(number.as_str())),
            SortKey::Total(_) => {}
        }
    }
}

fn listed<T: Clone>(listing: &Listing, item: T) -> Fresh<Vec<Listed<T>>> {
    check_listing(listing);
    let key = match listing.start.field() {
        SortField::CreateTime => SortKey::CreateTime(time()),
        SortField::PlaceTime => SortKey::PlaceTime(None),
        SortField::UpdateTime => SortKey::UpdateTime(time()),
        SortField::Total => SortKey::Total(0),
        SortField::OrderNumber => SortKey::OrderNumber(None),
    };
    let listed = Listed { position: Cursor { key, order: order() }, item };
    Fresh { items: vec![listed; listing.limit], freshness: freshness() }
}

fn found<T: Clone>(search: &Search, item: T) -> Fresh<Vec<Found<T>>> {
    check_filter(&search.filter);
    let words = &search.words;
    words.required.iter().chain(&words.preferred).for_each(|word| check_text(word));
    if let Some(SearchPosition { rank, create_time, .. }) = &search.after {
        assert!(rank.is_finite(), "{rank}");
        check_time(create_time);
    }
    let found = Found { position: SearchPosition { rank: 0.5, create_time: time(), order: order() }, item };
    Fresh { items: vec![found; search.limit], freshness: freshness() }
}

impl OrderReadRepository for Storage {
    async fn current(&self, context: &ReadContext, _: OrderId) -> Result<Option<OrderDetails>, ReadError> {
        check_context(context);
        Ok(Some(details()))
    }

    async fn last_until_version(
        &self,
        context: &ReadContext,
        _: OrderId,
        version: i64,
    ) -> Result<Option<PastState>, ReadError> {
        check_context(context);
        assert!(version > 0, "{version}");
        Ok(Some(past()))
    }

    async fn last_until_time(
        &self,
        context: &ReadContext,
        _: OrderId,
        until: Timestamp,
    ) -> Result<Option<PastState>, ReadError> {
        check_context(context);
        check_time(&until);
        Ok(Some(past()))
    }

    async fn lookup(
        &self,
        context: &ReadContext,
        key: &LookupKey,
    ) -> Result<Option<OrderDetails>, ReadError> {
        check_context(context);
        assert!(!format!("{key:?}").contains("\\0\""), "{key:?}");
        Ok(Some(details()))
    }

    async fn batch(&self, context: &ReadContext, orders: &[OrderId]) -> Result<Vec<OrderDetails>, ReadError> {
        check_context(context);
        Ok(orders.iter().map(|order| OrderDetails { order: *order, ..details() }).collect())
    }

    async fn list_summaries(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> Result<Fresh<Vec<Listed<OrderSummary>>>, ReadError> {
        check_context(context);
        Ok(listed(listing, summary()))
    }

    async fn list_details(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> Result<Fresh<Vec<Listed<OrderDetails>>>, ReadError> {
        check_context(context);
        Ok(listed(listing, details()))
    }

    async fn count(
        &self,
        _: &ReadContext,
        filter: &Filter,
        _: usize,
        _: Duration,
    ) -> Result<Option<i64>, ReadError> {
        check_filter(filter);
        Ok(Some(1))
    }

    async fn history(
        &self,
        context: &ReadContext,
        _: OrderId,
        from_version: i64,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, ReadError> {
        check_context(context);
        assert!(from_version > 0, "{from_version}");
        Ok((from_version..=i64::MAX).take(limit).map(entry).collect())
    }
}

impl OrderProjections for Storage {
    async fn aggregate(
        &self,
        context: &ReadContext,
        query: &AggregateOrders,
        _: usize,
    ) -> Result<Aggregates, ReadError> {
        check_context(context);
        query.filter.channels.iter().for_each(|channel| check_text(channel.as_str()));
        Ok(Aggregates { groups: vec![], as_of_time: Some(time()), freshness: Some(freshness()) })
    }

    async fn search_summaries(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> Result<Fresh<Vec<Found<OrderSummary>>>, ReadError> {
        check_context(context);
        Ok(found(search, summary()))
    }

    async fn search_details(
        &self,
        context: &ReadContext,
        search: &Search,
    ) -> Result<Fresh<Vec<Found<OrderDetails>>>, ReadError> {
        check_context(context);
        Ok(found(search, details()))
    }
}

impl StorageStatus for Storage {
    async fn status(&self) -> Result<ReadStatus, ReadError> {
        let databases = vec![DatabaseStatus::Primary { horizon: 9 }];
        Ok(ReadStatus { freshness: Some(freshness()), databases, projections: vec![] })
    }
}

impl OrderFeed for Storage {
    type Live = Self;

    async fn bounds(&self) -> Result<FeedBounds, ReadError> {
        Ok(FeedBounds { newest: FeedPosition::before(9), end: 10, is_primary: true })
    }

    async fn read(&self, after: FeedPosition) -> Result<Arc<FeedPage>, ReadError> {
        assert!(after.position >= 0, "{after:?}");
        let end = after.max(FeedPosition::before(9));
        let page = FeedPage {
            start: after,
            end,
            complete_below: 10,
            commits: vec![],
            is_last: true,
            complete_until: None,
        };
        Ok(Arc::new(page))
    }

    async fn orders_as_of(
        &self,
        _: &TenantId,
        _: u64,
        after: Option<OrderId>,
    ) -> Result<OrdersAsOf, ReadError> {
        let order = PublishedOrder { published_state: state(), filtered: None };
        let orders = if after.is_none() { vec![(self::order(), order)] } else { vec![] };
        Ok(OrdersAsOf { orders, next: None })
    }

    fn live(&self) -> Self {
        *self
    }
}

/// It breaks off at once, so that a watch ends.
impl LiveFeed for Storage {
    async fn next(&mut self) -> Result<Arc<FeedPage>, LiveError> {
        Err(LiveError::Read(ReadError::Lagging))
    }
}
