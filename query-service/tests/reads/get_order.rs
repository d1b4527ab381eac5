//! GetOrder: as it is, and as it was.

use orders_proto::orders::v1::{GetOrderRequest, Order, get_order_request::At};
use prost::Message;
use tonic::{Code, Response, Status};

use crate::support::{Service, at, changed, draft, micros, order, reason, refusal};

async fn get(service: &Service, name: &str, moment: Option<At>) -> Result<Response<Order>, Status> {
    service
        .client()
        .get_order(GetOrderRequest { name: name.to_owned(), at: moment, ..GetOrderRequest::default() })
        .await
}

async fn got(service: &Service, name: &str, moment: Option<At>) -> Order {
    get(service, name, moment).await.unwrap().into_inner()
}

fn not_found(reason: &str) -> (Code, String) {
    (Code::NotFound, reason.to_owned())
}

#[tokio::test]
async fn answers_what_was_published_byte_for_byte() {
    let service = Service::start().await;
    let first = order();
    let second = changed(&first, |order| order.tags = vec!["late".into()]);
    service.commit_all(&[first.clone(), second.clone()]).await;
    let answer = got(&service, &first.name, None).await;
    assert_eq!(answer.encode_to_vec(), second.encode_to_vec());
    assert_eq!(got(&service, &first.name.to_uppercase().replace("ORDERS", "orders"), None).await, second);
}

#[tokio::test]
async fn reads_the_past_by_version() {
    let service = Service::start().await;
    let first = draft();
    let second = changed(&first, |order| order.channel = "till".into());
    service.commit_all(&[first.clone(), second.clone()]).await;
    for (version, expected) in [(1, &first), (2, &second)] {
        assert_eq!(got(&service, &first.name, Some(At::Version(version))).await, *expected);
    }
    for version in [3, i64::MAX] {
        let answer = get(&service, &first.name, Some(At::Version(version))).await;
        assert_eq!(reason(answer), not_found("VERSION_NOT_FOUND"));
    }
}

#[tokio::test]
async fn reads_the_past_by_time() {
    let service = Service::start().await;
    let first = draft();
    let second = changed(&first, |order| order.channel = "till".into());
    service.commit_all(&[first.clone(), second.clone()]).await;
    let (created, updated) = (micros(&first.update_time.unwrap()), micros(&second.update_time.unwrap()));
    for (moment, expected) in
        [(created, &first), (updated - 1, &first), (updated, &second), (updated * 99, &second)]
    {
        assert_eq!(got(&service, &first.name, Some(At::ReadTime(at(moment)))).await, *expected);
    }
    let before = Some(At::ReadTime(at(created - 1)));
    assert_eq!(reason(get(&service, &first.name, before).await), not_found("VERSION_NOT_FOUND"));
}

#[tokio::test]
async fn a_deleted_draft_is_gone_from_its_deletion_on() {
    let service = Service::start().await;
    let draft = draft();
    service.commit(&draft).await;
    service.delete(&draft).await;
    let deleted = micros(&draft.update_time.unwrap()) + 1_000_000;
    let gone = [None, Some(At::Version(2)), Some(At::Version(3)), Some(At::ReadTime(at(deleted)))];
    for moment in gone {
        assert_eq!(
            reason(get(&service, &draft.name, moment).await),
            not_found("ORDER_NOT_FOUND"),
            "{moment:?}"
        );
    }
    for moment in [At::Version(1), At::ReadTime(at(deleted - 1))] {
        assert_eq!(got(&service, &draft.name, Some(moment)).await, draft);
    }
}

#[tokio::test]
async fn an_order_that_never_was_is_not_found_and_neither_is_another_tenants() {
    use tonic_types::StatusExt;
    let service = Service::start().await;
    let (theirs, never) = (order(), order());
    service.commit_of("other", &theirs).await;
    for name in [&theirs.name, &never.name] {
        for moment in [None, Some(At::Version(1)), Some(At::ReadTime(at(i64::from(u32::MAX))))] {
            let status = refusal(get(&service, name, moment).await);
            assert_eq!(status.code(), Code::NotFound);
            let details = status.get_error_details();
            assert_eq!(details.error_info().unwrap().reason, "ORDER_NOT_FOUND");
            assert_eq!(details.resource_info().unwrap().resource_name, *name);
        }
    }
    let request = GetOrderRequest { name: theirs.name.clone(), ..GetOrderRequest::default() };
    assert_eq!(service.client_of("other").get_order(request).await.unwrap().into_inner(), theirs);
}
