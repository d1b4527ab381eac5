//! ListOrders and WatchOrders: every documented term picks the orders it says.

use orders_proto::orders::v1::{FulfillmentState, Hold, ListOrdersRequest, Order, OrderState, PaymentState};

use crate::{
    support::{Service, TENANT, at, draft, names, order},
    watch::initial,
};

/// An order that no term below matches but through what `change` makes of it.
fn plain(change: impl FnOnce(&mut Order)) -> Order {
    let mut order = order();
    order.channel = "plain".into();
    order.tags.clear();
    order.metadata.clear();
    change(&mut order);
    order
}

#[tokio::test]
async fn every_term_picks_what_it_says() {
    let service = Service::start().await;
    let one = plain(|order| {
        order.state = OrderState::Confirmed.into();
        order.payment_state = PaymentState::PartiallyPaid.into();
        order.fulfillment_state = FulfillmentState::Shipped.into();
        order.hold = Some(Hold { reason: "fraud?".into(), hold_time: Some(at(1)) });
        order.channel = "o'web\\%_".into();
        order.tags = vec!["gift".into(), "we\"ird".into()];
        order.metadata = [("co.lor".into(), "dark 'red'".into()), ("empty".into(), String::new())].into();
        order.external_reference.as_mut().unwrap().source = "erp".into();
        order.complete_time = order.update_time;
    });
    let other = plain(|_| {});
    let unplaced = draft();
    service.commit_all(&[one.clone(), other.clone(), unplaced.clone()]).await;
    service.commit_of("other", &one).await;

    let (customer, number) = (&one.customer_id, &one.order_number);
    let (external, sku) = (&one.external_reference.as_ref().unwrap().id, &one.lines[0].sku);
    let cents = |order: &Order| {
        let total = order.totals.as_ref().unwrap().total.as_ref().unwrap();
        format!("{}.{:02} EUR", total.units, total.nanos / 10_000_000)
    };
    let time = |order: &Order| {
        let time = order.create_time.unwrap();
        chrono::DateTime::from_timestamp(time.seconds, time.nanos.try_into().unwrap()).unwrap().to_rfc3339()
    };
    let (one_total, other_total) = (cents(&one), cents(&other));
    let (one_time, other_time) = (time(&one), time(&other));
    let (o, x, u) = (one.name.as_str(), other.name.as_str(), unplaced.name.as_str());
    for (filter, expected) in [
        (String::new(), vec![o, x, u]),
        ("state = CONFIRMED".into(), vec![o]),
        ("state != CONFIRMED".into(), vec![x, u]),
        ("(state = CONFIRMED OR state = DRAFT)".into(), vec![o, u]),
        ("state = PLACED AND state = DRAFT".into(), vec![]),
        ("payment_state = PARTIALLY_PAID".into(), vec![o]),
        ("(payment_state = PAID OR payment_state = UNPAID)".into(), vec![x, u]),
        ("fulfillment_state = SHIPPED".into(), vec![o]),
        ("fulfillment_state != SHIPPED".into(), vec![x, u]),
        ("hold = true".into(), vec![o]),
        ("hold = false".into(), vec![x, u]),
        (r#"channel = "o'web\\%_""#.into(), vec![o]),
        ("channel = \"o'web%\"".into(), vec![]),
        (format!("customer_id = \"{customer}\""), vec![o]),
        (format!("order_number = \"{number}\""), vec![o]),
        ("external_reference.source = \"erp\"".into(), vec![o]),
        (format!("external_reference.source = \"erp\" AND external_reference.id = \"{external}\""), vec![o]),
        (format!("external_reference.source = \"shop\" AND external_reference.id = \"{external}\""), vec![]),
        ("tags:\"gift\"".into(), vec![o, u]),
        (r#"tags:"we\"ird" AND tags:"gift""#.into(), vec![o]),
        ("tags:\"gif\"".into(), vec![]),
        ("metadata.\"co.lor\" = \"dark 'red'\"".into(), vec![o]),
        ("metadata.color = \"dark red\"".into(), vec![u]),
        ("metadata.empty = \"\"".into(), vec![o]),
        (format!("lines.sku:\"{sku}\""), vec![o]),
        ("lines.sku:\"SKU-\"".into(), vec![]),
        (format!("total = \"{one_total}\""), vec![o]),
        (format!("total > \"{one_total}\""), vec![x, u]),
        (format!("total >= \"{one_total}\" AND total < \"{other_total}\""), vec![o]),
        ("total >= \"0 USD\"".into(), vec![]),
        (format!("create_time <= \"{one_time}\""), vec![o]),
        (format!("create_time > \"{one_time}\" AND create_time <= \"{other_time}\""), vec![x]),
        (format!("update_time = \"{other_time}\""), vec![x]),
        ("place_time > \"2000-01-01T00:00:00Z\"".into(), vec![o, x]),
        ("complete_time >= \"0001-01-01T00:00:00Z\"".into(), vec![o]),
        ("create_time < \"9999-12-31T23:59:59.999999Z\"".into(), vec![o, x, u]),
    ] {
        let request =
            ListOrdersRequest { filter, order_by: "create_time".into(), ..ListOrdersRequest::default() };
        assert_eq!(
            names(&service.list(request.clone()).await.orders),
            expected,
            "{TENANT}: {}",
            request.filter
        );
        assert_eq!(
            initial(&service, &request.filter).await,
            expected,
            "a watch finds others: {}",
            request.filter
        );
    }
}

#[tokio::test]
async fn twenty_terms_at_once_are_answered() {
    let service = Service::start().await;
    let order = order();
    service.commit(&order).await;
    let filter = ["tags:\"gift\""; 20].join(" AND ");
    assert_eq!(
        service.list(ListOrdersRequest { filter, ..ListOrdersRequest::default() }).await.orders.len(),
        1
    );
}
