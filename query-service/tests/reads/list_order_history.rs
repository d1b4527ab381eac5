//! ListOrderHistory.

use orders_proto::orders::v1::{
    ListOrderHistoryRequest, ListOrderHistoryResponse, NoteAdded, Order, OrderCreated, OrderEvent,
    order_event::Event,
};
use tonic::{Code, Response, Status};

use crate::support::{Service, changed, draft, order, reason};

async fn history(service: &Service, request: ListOrderHistoryRequest) -> ListOrderHistoryResponse {
    ask(service, request).await.unwrap().into_inner()
}

async fn ask(
    service: &Service,
    request: ListOrderHistoryRequest,
) -> Result<Response<ListOrderHistoryResponse>, Status> {
    service.client().list_order_history(request).await
}

fn of(order: &Order) -> ListOrderHistoryRequest {
    ListOrderHistoryRequest { name: order.name.clone(), ..ListOrderHistoryRequest::default() }
}

fn versions(page: &ListOrderHistoryResponse) -> Vec<i64> {
    page.entries.iter().map(|entry| entry.version).collect()
}

/// An order with this many versions.
async fn with_versions(service: &Service, count: i64) -> Order {
    let mut order = order();
    service.commit(&order).await;
    while order.version < count {
        order = changed(&order, |_| {});
        service.commit(&order).await;
    }
    order
}

#[tokio::test]
async fn a_commit_tells_who_did_what_when_and_at_whose_request() {
    let service = Service::start().await;
    let first = order();
    let second = changed(&first, |_| {});
    let created =
        vec![OrderEvent { event: Some(Event::OrderCreated(OrderCreated { order: Some(first.clone()) })) }];
    let noted = vec![
        OrderEvent {
            event: Some(Event::NoteAdded(NoteAdded { text: "one".into(), ..NoteAdded::default() })),
        },
        OrderEvent {
            event: Some(Event::NoteAdded(NoteAdded { text: "two".into(), ..NoteAdded::default() })),
        },
    ];
    service.commit_with(&first, created.clone()).await;
    service.commit_with(&second, noted.clone()).await;

    let page = history(&service, of(&first)).await;
    assert_eq!(page.next_page_token, "");
    let [one, two] = page.entries.as_slice() else { panic!("{page:?}") };
    assert_eq!((&one.order, one.version, one.commit_time), (&first.name, 1, first.update_time));
    let actor = one.actor.as_ref().unwrap();
    assert_eq!((actor.kind().as_str_name(), &*actor.subject), ("ACTOR_KIND_USER", "ada"));
    assert_eq!((one.request_id.len(), &one.events), (36, &created));
    assert_eq!((two.version, two.commit_time, &*two.request_id), (2, second.update_time, ""));
    assert_eq!(two.events, noted);
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let service = Service::start().await;
    let order = with_versions(&service, 7).await;
    let mut request = ListOrderHistoryRequest { from_version: 2, page_size: 3, ..of(&order) };
    let first = history(&service, request.clone()).await;
    request.page_token = first.next_page_token.clone();
    let second = history(&service, request.clone()).await;
    assert_eq!([versions(&first), versions(&second)], [vec![2, 3, 4], vec![5, 6, 7]]);
    assert_eq!(second.next_page_token, "");

    service.commit(&changed(&order, |_| {})).await;
    assert_eq!(versions(&history(&service, request.clone()).await), [5, 6, 7]);
    request.from_version = 3;
    let mismatch = (Code::InvalidArgument, "PAGE_TOKEN_MISMATCH".into());
    assert_eq!(reason(ask(&service, request).await), mismatch);
}

#[tokio::test]
async fn past_the_last_version_there_is_nothing() {
    let service = Service::start().await;
    let order = with_versions(&service, 2).await;
    let page = history(&service, ListOrderHistoryRequest { from_version: 3, ..of(&order) }).await;
    assert_eq!(page, ListOrderHistoryResponse::default());
}

#[tokio::test]
async fn a_deleted_draft_keeps_its_history_and_what_never_was_has_none() {
    let service = Service::start().await;
    let (deleted, theirs) = (draft(), draft());
    service.commit(&deleted).await;
    service.delete(&deleted).await;
    service.commit_of("other", &theirs).await;
    assert_eq!(versions(&history(&service, of(&deleted)).await), [1, 2]);
    for order in [&theirs, &draft()] {
        assert_eq!(reason(ask(&service, of(order)).await), (Code::NotFound, "ORDER_NOT_FOUND".into()));
    }
}
