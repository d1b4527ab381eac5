//! ListOrders: sorted pages that follow each other without a gap and without a repetition.

use std::cmp::Ordering;

use orders_proto::orders::v1::{ListOrdersRequest, Order, OrderState};
use prost_types::Timestamp;
use tonic::Code;

use crate::support::{Service, at, draft, euros, micros, names, order, reason};

/// Orders of which many are alike in what lists are sorted by, and some were never placed.
fn mixed(count: usize) -> Vec<Order> {
    let orders = (0..count).map(|index| {
        let tied = at(i64::try_from(index % 5).unwrap());
        let mut order = if index % 4 == 0 { draft() } else { order() };
        order.create_time = Some(tied);
        order.update_time = Some(at(i64::try_from(index % 7).unwrap()));
        order.place_time = order.place_time.map(|_| tied);
        let total = Some(euros([500, 1_000, 700][index % 3]));
        order.balance = total.clone();
        let totals = order.totals.as_mut().unwrap();
        (totals.subtotal, totals.total) = (total.clone(), total);
        order
    });
    orders.collect()
}

/// The key of an order in a list, with what makes it unique; nothing for an order without the field.
fn key(order: &Order, field: &str) -> Option<(i64, String, String)> {
    let time = |time: &Option<Timestamp>| time.as_ref().map(micros);
    let (number, text) = match field {
        "create_time" => (time(&order.create_time)?, String::new()),
        "update_time" => (time(&order.update_time)?, String::new()),
        "place_time" => (time(&order.place_time)?, String::new()),
        "total" => (order.totals.as_ref()?.total.as_ref()?.units, String::new()),
        _ => (0, Some(order.order_number.clone()).filter(|number| !number.is_empty())?),
    };
    Some((number, text, order.name.clone()))
}

/// How two orders compare in a list: those without the field last, in both directions.
fn compare(one: &Order, other: &Order, field: &str, descending: bool) -> Ordering {
    let turned = |ordering: Ordering| if descending { ordering.reverse() } else { ordering };
    match (key(one, field), key(other, field)) {
        (Some(one), Some(other)) => turned(one.cmp(&other)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => turned(one.name.cmp(&other.name)),
    }
}

fn sorted_by(order_by: &str, page_size: i32) -> ListOrdersRequest {
    ListOrdersRequest { order_by: order_by.into(), page_size, ..ListOrdersRequest::default() }
}

#[tokio::test]
async fn every_order_by_gives_every_order_once_and_in_its_place() {
    let service = Service::start().await;
    let mut orders = mixed(44);
    service.commit_all(&orders).await;
    service.commit_of("other", &order()).await;
    for field in ["create_time", "update_time", "place_time", "total", "order_number"] {
        for (suffix, descending) in [("", false), (" desc", true)] {
            orders.sort_by(|one, other| compare(one, other, field, descending));
            for page_size in [1, 11, 43, 44, 200] {
                let request = sorted_by(&format!("{field}{suffix}"), page_size);
                let (listed, sizes) = service.list_all(request).await;
                assert_eq!(names(&listed), names(&orders), "{field}{suffix} in pages of {page_size}");
                let full = usize::try_from(page_size).unwrap();
                assert!(sizes.iter().rev().skip(1).all(|size| *size == full), "{sizes:?}");
                assert!(sizes.last().is_some_and(|last| *last > 0), "an empty last page: {sizes:?}");
            }
        }
    }
}

#[tokio::test]
async fn filters_hold_across_pages() {
    let service = Service::start().await;
    let mut orders = mixed(30);
    service.commit_all(&orders).await;
    orders.retain(|order| order.state != i32::from(OrderState::Draft));
    orders.sort_by(|one, other| compare(one, other, "place_time", true));
    let request = ListOrdersRequest { filter: "state != DRAFT".into(), ..sorted_by("place_time desc", 4) };
    assert_eq!(names(&service.list_all(request).await.0), names(&orders));
}

#[tokio::test]
async fn the_newest_come_first_and_fifty_make_a_page() {
    let service = Service::start().await;
    let orders: Vec<_> = (0..201).map(|_| order()).collect();
    service.commit_all(&orders).await;
    for (asked, given) in [(0, 50), (200, 200), (201, 200), (i32::MAX, 200)] {
        let page = service.list(sorted_by("", asked)).await;
        assert_eq!(page.orders.len(), given, "{asked}");
        assert_eq!(page.orders[0].name, orders[200].name);
    }
}

#[tokio::test]
async fn orders_that_come_in_between_pages_neither_repeat_nor_hide_others() {
    let service = Service::start().await;
    for order_by in ["create_time", "create_time desc", "order_number desc", "total"] {
        let before = mixed(12);
        service.commit_all(&before).await;
        let mut request = sorted_by(order_by, 3);
        let mut listed = Vec::new();
        loop {
            let page = service.list(request.clone()).await;
            listed.extend(page.orders.into_iter().map(|order| order.name));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
            if listed.len() < 10 {
                service.commit_all(&mixed(3)).await;
            }
        }
        let mut unique = listed.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), listed.len(), "{order_by}: an order is listed twice");
        assert!(before.iter().all(|order| listed.contains(&order.name)), "{order_by}: an order is skipped");
    }
}

#[tokio::test]
async fn a_page_starts_after_its_position_even_if_that_order_is_gone() {
    let service = Service::start().await;
    let drafts: Vec<_> = (0..4).map(|_| draft()).collect();
    service.commit_all(&drafts).await;
    let mut request = sorted_by("place_time", 2);
    request.page_token = service.list(request.clone()).await.next_page_token;
    service.delete(&drafts[1]).await;
    assert_eq!(names(&service.list(request).await.orders), names(&drafts[2..]));
}

#[tokio::test]
async fn a_token_is_good_for_its_own_list_only() {
    let service = Service::start().await;
    service.commit_all(&[order(), order()]).await;
    let request = ListOrdersRequest { filter: "state = PLACED".into(), ..sorted_by("", 1) };
    let page_token = service.list(request.clone()).await.next_page_token;
    let next = ListOrdersRequest { page_token, ..request };

    let same =
        ListOrdersRequest { order_by: "create_time desc".into(), page_size: 7, view: 2, ..next.clone() };
    assert_eq!(service.list(same).await.orders.len(), 1);

    let mismatch = (Code::InvalidArgument, "PAGE_TOKEN_MISMATCH".to_owned());
    let other_filter = ListOrdersRequest { filter: "state = DRAFT".into(), ..next.clone() };
    let other_order = ListOrdersRequest { order_by: "create_time".into(), ..next.clone() };
    for request in [other_filter, other_order] {
        assert_eq!(reason(service.client().list_orders(request).await), mismatch);
    }
    assert_eq!(reason(service.client_of("other").list_orders(next).await), mismatch);
}
