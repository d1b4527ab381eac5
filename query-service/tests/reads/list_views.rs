//! ListOrders: how much of each order, and how many there are.

use orders_proto::orders::v1::{
    FulfillmentState, Hold, ListOrdersRequest, Order, OrderView, PaymentState, Totals,
};

use crate::support::{Service, at, changed, draft, euros, order};

/// An order with every field that a row of a list shows, and more.
fn complete() -> Order {
    let order = order();
    Order {
        payment_state: PaymentState::PartiallyRefunded.into(),
        fulfillment_state: FulfillmentState::PartiallyShipped.into(),
        hold: Some(Hold { reason: "fraud?".into(), hold_time: Some(at(5)) }),
        balance: Some(euros(-1_205)),
        confirm_time: Some(at(6)),
        complete_time: Some(at(7)),
        cancel_time: Some(at(8)),
        ..order
    }
}

/// What a row of a list shows of an order.
fn brief(order: &Order) -> Order {
    let totals =
        order.totals.as_ref().map(|totals| Totals { total: totals.total.clone(), ..Totals::default() });
    Order { contact: None, metadata: Default::default(), lines: Vec::new(), totals, ..order.clone() }
}

#[tokio::test]
async fn a_row_shows_what_is_documented_and_a_full_view_everything() {
    let service = Service::start().await;
    let bare = Order {
        channel: String::new(),
        customer_id: String::new(),
        external_reference: None,
        tags: Vec::new(),
        ..draft()
    };
    let first = complete();
    let current = changed(&first, |order| order.tags = vec!["late".into()]);
    service.commit_all(&[bare.clone(), first, current.clone()]).await;
    for (view, expected) in [
        (OrderView::Unspecified, [brief(&current), brief(&bare)]),
        (OrderView::Basic, [brief(&current), brief(&bare)]),
        (OrderView::Full, [current.clone(), bare.clone()]),
    ] {
        let page =
            service.list(ListOrdersRequest { view: view.into(), ..ListOrdersRequest::default() }).await;
        assert_eq!(page.orders, expected, "{view:?}");
        assert_eq!((page.next_page_token, page.estimated_total_size), (String::new(), None));
    }
}

#[tokio::test]
async fn a_row_that_was_stored_with_an_earlier_version_is_not_shown() {
    let service = Service::start().await;
    let first = complete();
    service.commit(&first).await;
    let shown = async || service.list(ListOrdersRequest::default()).await.orders;
    // Told apart from what the order itself says.
    let stored = Order { channel: "stored".into(), ..brief(&first) };
    service.store_basic_view(&stored).await;
    assert_eq!(shown().await, std::slice::from_ref(&stored));

    let current = changed(&first, |order| order.channel = "till".into());
    service.commit(&current).await;
    service.store_basic_view(&stored).await;
    assert_eq!(shown().await, [brief(&current)], "by who does not know of it");
    service.store_basic_view(&brief(&current)).await;
    assert_eq!(shown().await, [brief(&current)]);
}

#[tokio::test]
async fn every_state_is_shown_as_it_is() {
    let service = Service::start().await;
    let mut orders = Vec::new();
    for (state, payment_state, fulfillment_state) in
        [(1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, 5, 5), (2, 6, 6), (2, 7, 1), (2, 8, 1), (2, 9, 1)]
    {
        orders.insert(0, Order { state, payment_state, fulfillment_state, ..order() });
    }
    service.commit_all(&orders).await;
    let page = service.list(ListOrdersRequest::default()).await;
    assert_eq!(page.orders, orders.iter().map(brief).collect::<Vec<_>>());
}

#[tokio::test]
async fn other_currencies_have_their_own_digits() {
    let service = Service::start().await;
    let mut yen = order();
    yen.currency_code = "JPY".into();
    for amount in [yen.balance.as_mut(), yen.totals.as_mut().and_then(|totals| totals.total.as_mut())] {
        let amount = amount.unwrap();
        (amount.currency_code, amount.nanos) = ("JPY".into(), 0);
    }
    let subtotal = yen.totals.as_ref().and_then(|totals| totals.total.clone());
    yen.totals.as_mut().unwrap().subtotal = subtotal;
    service.commit(&yen).await;
    assert_eq!(service.list(ListOrdersRequest::default()).await.orders, [brief(&yen)]);
}

/// The planner's statistics are of all tenants' orders: what it expects would tell one of the others.
#[tokio::test]
async fn the_total_counts_the_tenants_own_orders_that_match() {
    let service = Service::start().await;
    service.commit_all(&[order(), order(), draft()]).await;
    for _ in 0..50 {
        service.commit_of("another", &Order { customer_id: "theirs".into(), ..order() }).await;
    }
    let totals = [("", 3), ("state = PLACED", 2), ("customer_id = \"theirs\"", 0), ("tags:\"nobodys\"", 0)];
    for (filter, total) in totals {
        let request = ListOrdersRequest {
            filter: filter.into(),
            page_size: 1,
            include_total_size: true,
            ..ListOrdersRequest::default()
        };
        assert_eq!(service.list(request).await.estimated_total_size, Some(total), "{filter}");
    }
}
