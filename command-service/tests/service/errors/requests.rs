//! Refusals about request ids, etags and others who were faster.

use orders_proto::orders::v1::{AddOrderNoteRequest, ConfirmOrderRequest};

use crate::support::{Refusal, Service, confirm, draft, note, ok, refusal, request_id};

pub(super) async fn invalid_request_id() -> Refusal {
    let service = Service::start().await;
    let order = service.drafted().await;
    let request = AddOrderNoteRequest { request_id: "7".to_owned(), ..note(&order, "hello") };
    let refusal = refusal(service.client().add_order_note(request).await);
    assert_eq!(refusal.bad_fields(), ["request_id"]);
    refusal
}

pub(super) async fn request_id_reused() -> Refusal {
    let service = Service::start().await;
    let order = service.drafted().await;
    let request = AddOrderNoteRequest { request_id: request_id(), ..note(&order, "one") };
    ok(service.client().add_order_note(request.clone()).await);
    let other = AddOrderNoteRequest { text: "two".to_owned(), ..request };
    let refusal = refusal(service.client().add_order_note(other).await);
    assert_eq!(refusal.bad_fields(), ["request_id"]);
    refusal
}

pub(super) async fn version_mismatch() -> Refusal {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    ok(service.client().add_order_note(note(&placed, "meanwhile")).await);
    let request = ConfirmOrderRequest { etag: placed.etag.clone(), ..confirm(&placed) };
    let refusal = refusal(service.client().confirm_order(request).await);
    assert_eq!((refusal.told("expected_version"), refusal.told("current_version")), ("2", "3"));
    refusal
}

pub(super) async fn concurrent_update() -> Refusal {
    let service = Service::start().await;
    let order = service.drafted().await;
    // Every change of the order comes too late.
    let always_late = "
        CREATE FUNCTION too_late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER too_late BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION too_late()";
    let sql = service.sql().await;
    sql.execute(always_late).await;
    let refusal = refusal(service.client().add_order_note(note(&order, "hello")).await);
    assert_eq!(sql.count("order_history").await, 1);
    sql.execute("DROP TRIGGER too_late ON orders").await;
    ok(service.client().add_order_note(note(&order, "hello")).await);
    refusal
}
