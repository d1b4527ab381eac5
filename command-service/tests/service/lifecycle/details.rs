//! UpdateOrder and AddOrderNote.

use orders_proto::orders::v1::{AddOrderNoteRequest, NoteVisibility, Order, UpdateOrderRequest};
use prost_types::FieldMask;

use super::follows;
use crate::support::{Service, address, contact, full, note, ok, published, tagged};

/// The request that gives the order these fields of `new`.
fn update(order: &Order, paths: &[&str], new: Order) -> UpdateOrderRequest {
    UpdateOrderRequest {
        order: Some(Order { name: order.name.clone(), ..new }),
        update_mask: Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }),
        ..UpdateOrderRequest::default()
    }
}

fn different() -> Order {
    Order {
        contact: Some(orders_proto::orders::v1::Contact { name: "Grace Hopper".to_owned(), ..contact() }),
        billing_address: Some(orders_proto::orders::v1::Address {
            locality: "Arlington".to_owned(),
            ..address()
        }),
        tags: vec!["late".to_owned()],
        metadata: [("lane".to_owned(), String::new())].into(),
        purchase_order_number: "PO-2".to_owned(),
        ..Order::default()
    }
}

#[tokio::test]
async fn only_the_fields_in_the_mask_change() {
    let service = Service::start().await;
    let mut order = service.created(full()).await;
    let new = different();
    type Take = fn(&mut Order, &Order);
    let fields: [(&str, Take); 5] = [
        ("contact", |order, new| order.contact.clone_from(&new.contact)),
        ("billing_address", |order, new| order.billing_address.clone_from(&new.billing_address)),
        ("tags", |order, new| order.tags.clone_from(&new.tags)),
        ("metadata", |order, new| order.metadata.clone_from(&new.metadata)),
        ("purchase_order_number", |order, new| {
            order.purchase_order_number.clone_from(&new.purchase_order_number)
        }),
    ];
    for (path, take) in fields {
        let updated = ok(service.client().update_order(update(&order, &[path], new.clone())).await);
        follows(&order, &updated);
        let mut expected = Order { update_time: updated.update_time, ..order };
        (expected.version, expected.etag) = (updated.version, updated.etag.clone());
        take(&mut expected, &new);
        assert_eq!(published(updated.clone()), published(expected), "{path}");
        order = updated;
    }
}

#[tokio::test]
async fn a_field_in_the_mask_that_is_not_set_is_cleared() {
    let service = Service::start().await;
    let order = service.created(full()).await;
    let cleared = ok(service.client().update_order(update(&order, &["*"], Order::default())).await);
    follows(&order, &cleared);
    assert_eq!((cleared.contact, cleared.billing_address), (None, None));
    assert_eq!((cleared.tags.len(), cleared.metadata.len()), (0, 0));
    assert_eq!(cleared.purchase_order_number, "");
    assert_eq!((cleared.channel, cleared.customer_id), (order.channel, order.customer_id));
    assert_eq!(cleared.shipping_address, order.shipping_address);
}

#[tokio::test]
async fn tags_and_metadata_are_published_sorted() {
    let service = Service::start().await;
    let order = service.drafted().await;
    let updated = ok(service.client().update_order(tagged(&order, &["z", "a", "m"])).await);
    assert_eq!(updated.tags, ["a", "m", "z"]);
}

#[tokio::test]
async fn an_update_that_changes_nothing_is_a_version_all_the_same() {
    let service = Service::start().await;
    let order = service.created(full()).await;
    let same = ok(service.client().update_order(update(&order, &["*"], order.clone())).await);
    follows(&order, &same);
    let expected =
        Order { version: 2, etag: "W/\"2\"".to_owned(), update_time: same.update_time, ..published(order) };
    assert_eq!(published(same), expected);
}

#[tokio::test]
async fn details_change_in_every_state() {
    let service = Service::start().await;
    let cancelled = {
        let draft = service.drafted().await;
        ok(service.client().cancel_order(crate::support::cancel(&draft, &[])).await)
    };
    for order in [service.shipped().await, service.completed().await, cancelled] {
        let updated = ok(service.client().update_order(tagged(&order, &["seen"])).await);
        follows(&order, &updated);
        assert_eq!((updated.state, updated.tags), (order.state, vec!["seen".to_owned()]));
    }
}

#[tokio::test]
async fn a_note_makes_a_version_and_nothing_else() {
    let service = Service::start().await;
    let order = service.placed(full()).await;
    let request = AddOrderNoteRequest {
        visibility: NoteVisibility::Customer.into(),
        ..note(&order, "called\nback\t✓")
    };
    let noted = ok(service.client().add_order_note(request).await);
    follows(&order, &noted);
    let expected = Order {
        version: noted.version,
        etag: noted.etag.clone(),
        update_time: noted.update_time,
        ..published(order)
    };
    assert_eq!(published(noted), expected);
}

#[tokio::test]
async fn validate_only_changes_nothing() {
    let service = Service::start().await;
    let order = service.created(full()).await;
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let trial = UpdateOrderRequest { validate_only: true, ..update(&order, &["*"], different()) };
    let tried = ok(service.client().update_order(trial).await);
    assert_eq!((tried.version, tried.tags), (2, different().tags), "what would be");
    let trial = AddOrderNoteRequest { validate_only: true, ..note(&order, "a trial") };
    assert_eq!(ok(service.client().add_order_note(trial).await).version, 2);
    assert_eq!(sql.fingerprint().await, before);
}
