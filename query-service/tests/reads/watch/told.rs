//! What a watch tells, and whom.

use orders_proto::orders::v1::{
    Bookmark, NoteAdded, OrderChanged, OrderEvent, OrderState, WatchOrdersRequest, order_event::Event,
    watch_orders_response::Message,
};

use super::{Watch, end, told};
use crate::support::{Service, changed, draft, order};

#[tokio::test]
async fn each_commit_is_told_with_its_events_and_the_order_as_it_left_it() {
    let service = Service::start().await;
    let before = order();
    service.commit(&before).await;
    let mut watch = Watch::from_now(&service).await;

    let created = order();
    service.commit(&created).await;
    let noted = changed(&before, |order| order.channel = "app".into());
    let note = NoteAdded { text: "a note".into(), ..NoteAdded::default() };
    let event = OrderEvent { event: Some(Event::NoteAdded(note)) };
    service.commit_with(&noted, vec![event.clone()]).await;

    let (change, _) = watch.change().await;
    assert_eq!(change.order.as_ref(), Some(&created));
    let (change, _) = watch.change().await;
    let OrderChanged { entry: Some(entry), order: Some(order), matches: true } = change else {
        panic!("{change:?}")
    };
    assert_eq!((order, entry.order, entry.version), (noted.clone(), noted.name, 2));
    assert_eq!((entry.events, entry.commit_time), (vec![event], noted.update_time));
    assert_eq!(entry.actor.unwrap().subject, "ada");
}

#[tokio::test]
async fn an_order_that_leaves_the_filter_is_told_once() {
    let service = Service::start().await;
    let request = WatchOrdersRequest { filter: "state = PLACED".into(), ..WatchOrdersRequest::default() };
    let mut watch = Watch::begin(service.client(), request).await;
    watch.catch_up().await;

    let placed = order();
    let confirmed = changed(&placed, |order| order.state = OrderState::Confirmed.into());
    let noted = changed(&confirmed, |_| {});
    let last = order();
    service.commit_all(&[draft(), placed.clone(), confirmed.clone(), noted, last.clone()]).await;
    for (order, matches) in [(placed, true), (confirmed, false), (last, true)] {
        let (change, _) = watch.change().await;
        assert_eq!((told(&change), change.matches), ((order.name, order.version), matches));
    }
}

#[tokio::test]
async fn a_deleted_draft_is_told_without_a_state() {
    let service = Service::start().await;
    let draft = draft();
    service.commit(&draft).await;
    let mut watch = Watch::from_now(&service).await;
    service.delete(&draft).await;
    let (change, _) = watch.change().await;
    assert_eq!(told(&change), (draft.name, 2));
    assert_eq!((change.order, change.matches), (None, false));
}

#[tokio::test]
async fn a_watch_that_begins_with_the_orders_tells_each_once_and_then_what_happens() {
    let service = Service::start().await;
    let orders: Vec<_> = (0..250).map(|_| order()).collect();
    service.commit_all(&orders).await;
    let deleted = draft();
    service.commit(&deleted).await;
    service.delete(&deleted).await;
    let request = WatchOrdersRequest { include_initial: true, ..WatchOrdersRequest::default() };
    let mut watch = Watch::begin(service.client(), request).await;
    let (initial, _) = watch.catch_up().await;
    assert!(initial.iter().all(|change| change.entry.is_none() && change.matches));
    let found: Vec<_> = initial.into_iter().map(|change| change.order.unwrap()).collect();
    assert!(found == orders, "{} orders", found.len());

    let next = changed(&orders[7], |_| {});
    service.commit(&next).await;
    let (change, _) = watch.change().await;
    assert_eq!(told(&change), (next.name.clone(), 2));
    assert!(change.entry.is_some());
}

#[tokio::test]
async fn tenants_are_walls() {
    let service = Service::start().await;
    let mut watch = Watch::from_now(&service).await;
    let (foreign, own) = (order(), order());
    service.commit_of("other", &foreign).await;
    service.commit(&own).await;
    assert_eq!(told(&watch.change().await.0).0, own.name);
    let request = WatchOrdersRequest { include_initial: true, ..WatchOrdersRequest::default() };
    let (initial, token) = Watch::begin(service.client_of("other"), request).await.catch_up().await;
    assert_eq!(initial.iter().map(|change| told(change).0).collect::<Vec<_>>(), [foreign.name]);
    let stolen = WatchOrdersRequest { resume_token: token, ..WatchOrdersRequest::default() };
    let refused = service.client().watch_orders(stolen).await.unwrap_err();
    assert!(end(&refused).1 == "INVALID_RESUME_TOKEN" || end(&refused).1 == "INVALID_FIELD", "{refused:?}");
}

#[tokio::test]
async fn a_silent_watch_says_how_far_it_is() {
    let service = Service::start().await;
    let mut watch = Watch::from_now(&service).await;
    let bookmark = watch.next().await.unwrap();
    let Some(Message::Bookmark(Bookmark { time: Some(time) })) = bookmark.message else {
        panic!("{bookmark:?}")
    };
    let age = chrono::Utc::now().timestamp() - time.seconds;
    assert!((0..5).contains(&age), "{age} seconds");
    let order = order();
    service.commit(&order).await;
    let request = WatchOrdersRequest { resume_token: bookmark.resume_token, ..WatchOrdersRequest::default() };
    let (told_since, _) = Watch::begin(service.client(), request).await.catch_up().await;
    assert_eq!(told_since.len(), 1, "what came after the bookmark");
}
