//! What cannot be answered is refused with the reason of the catalogue, every bad field at once.

use orders_proto::orders::v1::{
    AggregateOrdersRequest, BatchGetOrdersRequest, ExternalReference, GetOrderRequest,
    ListOrderHistoryRequest, ListOrdersRequest, LookupOrderRequest, ProviderReference, SearchOrdersRequest,
    get_order_request::At, lookup_order_request::Key,
};
use prost_types::Timestamp;

use crate::support::{Service, fields, order};

const NAME: &str = "orders/019ab3c4-0000-7000-8000-000000000001";

fn invalid(field: &str) -> (String, String) {
    (field.to_owned(), "INVALID_FIELD".to_owned())
}

#[tokio::test]
async fn names_and_moments() {
    let service = Service::start().await;
    for name in [
        "",
        "orders/",
        "orders/x",
        "019ab3c4-0000-7000-8000-000000000001",
        "orders/019ab3c4000070008000000000000001",
        "orders/{019ab3c4-0000-7000-8000-00000000001}",
        "orders/019ab3c4-0000-7000-8000-00000000000g",
        "orders/019ab3c4-0000-7000-8000-000000000001/",
        "orders/019ab3c4-0000-7000-8000-00000000000\0",
        "Orders/019ab3c4-0000-7000-8000-000000000001",
    ] {
        let request =
            GetOrderRequest { name: name.into(), at: Some(At::Version(0)), ..GetOrderRequest::default() };
        let answer = service.client().get_order(request).await;
        assert_eq!(fields(answer), [invalid("name"), invalid("version")], "{name:?}");
    }
    let far = Timestamp { seconds: 253_402_300_800, nanos: 0 };
    let early = Timestamp { seconds: -62_135_596_801, nanos: 0 };
    for time in
        [far, early, Timestamp { seconds: 0, nanos: -1 }, Timestamp { seconds: i64::MAX, nanos: i32::MAX }]
    {
        let request =
            GetOrderRequest { name: NAME.into(), at: Some(At::ReadTime(time)), ..GetOrderRequest::default() };
        assert_eq!(fields(service.client().get_order(request).await), [invalid("read_time")], "{time:?}");
    }
    for version in [-1, i64::MIN] {
        let request = GetOrderRequest {
            name: NAME.into(),
            at: Some(At::Version(version)),
            ..GetOrderRequest::default()
        };
        assert_eq!(fields(service.client().get_order(request).await), [invalid("version")], "{version}");
    }
}

#[tokio::test]
async fn lookup_keys() {
    let service = Service::start().await;
    let external = |source: &str, id: &str| {
        Key::ExternalReference(ExternalReference { source: source.into(), id: id.into() })
    };
    let provider = |provider: &str, reference: &str| {
        Key::ProviderReference(ProviderReference { provider: provider.into(), reference: reference.into() })
    };
    for (key, bad) in [
        (None, vec!["key"]),
        (Some(Key::OrderNumber(String::new())), vec!["order_number"]),
        (Some(Key::OrderNumber("a\0".into())), vec!["order_number"]),
        (Some(external("", "\0")), vec!["external_reference.source", "external_reference.id"]),
        (Some(provider("a b", "")), vec!["provider_reference.provider", "provider_reference.reference"]),
        (Some(Key::TrackingNumber("x".repeat(65))), vec!["tracking_number"]),
        (Some(Key::TrackingNumber("\0".into())), vec!["tracking_number"]),
    ] {
        let answer = service
            .client()
            .lookup_order(LookupOrderRequest { key: key.clone(), ..LookupOrderRequest::default() })
            .await;
        assert_eq!(fields(answer), bad.into_iter().map(invalid).collect::<Vec<_>>(), "{key:?}");
    }
}

#[tokio::test]
async fn batches() {
    let service = Service::start().await;
    let many = (0..101).map(|_| order().name).collect::<Vec<_>>();
    for names in [Vec::new(), many] {
        let answer = service
            .client()
            .batch_get_orders(BatchGetOrdersRequest { names, ..BatchGetOrdersRequest::default() })
            .await;
        assert_eq!(fields(answer), [invalid("names")]);
    }
    let names = ["", NAME, "orders/1", NAME, &NAME.to_uppercase().replace("ORDERS", "orders")];
    let request = BatchGetOrdersRequest {
        names: names.map(str::to_owned).to_vec(),
        ..BatchGetOrdersRequest::default()
    };
    let bad = ["names[0]", "names[2]", "names[3]", "names[4]"].map(invalid);
    assert_eq!(fields(service.client().batch_get_orders(request).await), bad);
}

#[tokio::test]
async fn lists() {
    let service = Service::start().await;
    let bad = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    let everything = ListOrdersRequest {
        filter: "state = ".into(),
        order_by: "state".into(),
        page_size: -1,
        page_token: "garbage".into(),
        view: 99,
        include_total_size: true,
        consistency_token: "garbage".into(),
    };
    let expected = [
        bad("filter", "INVALID_FILTER"),
        bad("order_by", "INVALID_ORDER_BY"),
        invalid("page_size"),
        invalid("view"),
        bad("page_token", "INVALID_PAGE_TOKEN"),
        bad("consistency_token", "INVALID_CONSISTENCY_TOKEN"),
    ];
    assert_eq!(fields(service.client().list_orders(everything).await), expected);

    for filter in
        ["\0", "channel = \"\0\"", "metadata.\"\0\" = \"\"", "metadata.k = \"\0\"", "order_number = \"\0\""]
    {
        let request = ListOrdersRequest { filter: filter.into(), ..ListOrdersRequest::default() };
        let answer = service.client().list_orders(request).await;
        assert_eq!(fields(answer), [bad("filter", "INVALID_FILTER")], "{filter:?}");
    }
    for order_by in ["\0", "total; drop table orders", "create_time asc"] {
        let request = ListOrdersRequest { order_by: order_by.into(), ..ListOrdersRequest::default() };
        let answer = service.client().list_orders(request).await;
        assert_eq!(fields(answer), [bad("order_by", "INVALID_ORDER_BY")], "{order_by:?}");
    }
}

#[tokio::test]
async fn searches() {
    let service = Service::start().await;
    let bad = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    let everything = SearchOrdersRequest {
        query: "--".into(),
        filter: "state = ".into(),
        page_size: -1,
        page_token: "garbage".into(),
        view: 99,
        consistency_token: "garbage".into(),
    };
    let expected = [
        invalid("query"),
        bad("filter", "INVALID_FILTER"),
        invalid("page_size"),
        invalid("view"),
        bad("page_token", "INVALID_PAGE_TOKEN"),
        bad("consistency_token", "INVALID_CONSISTENCY_TOKEN"),
    ];
    assert_eq!(fields(service.client().search_orders(everything).await), expected);
    for query in [String::new(), " \0".into(), "x".repeat(257)] {
        let request = SearchOrdersRequest { query: query.clone(), ..SearchOrdersRequest::default() };
        assert_eq!(fields(service.client().search_orders(request).await), [invalid("query")], "{query:?}");
    }
}

#[tokio::test]
async fn aggregates() {
    let service = Service::start().await;
    let bad = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    let everything = AggregateOrdersRequest {
        filter: "state = PLACED AND hold = true".into(),
        first_day: "2026-02-30".into(),
        last_day: "tomorrow".into(),
        group_by: vec![0, 1, 5, 1, 6, -1],
        consistency_token: "garbage".into(),
    };
    let expected = [
        bad("filter", "INVALID_FILTER"),
        invalid("first_day"),
        invalid("last_day"),
        invalid("group_by[0]"),
        invalid("group_by[3]"),
        invalid("group_by[4]"),
        invalid("group_by[5]"),
        bad("consistency_token", "INVALID_CONSISTENCY_TOKEN"),
    ];
    assert_eq!(fields(service.client().aggregate_orders(everything).await), expected);
    for filter in ["customer_id = \"c\"", "total > \"1 EUR\"", "tags:\"a\"", "state = ", "create_time > 1"] {
        let request = AggregateOrdersRequest { filter: filter.into(), ..AggregateOrdersRequest::default() };
        let answer = service.client().aggregate_orders(request).await;
        assert_eq!(fields(answer), [bad("filter", "INVALID_FILTER")], "{filter}");
    }
    let backwards = AggregateOrdersRequest {
        first_day: "2026-02-02".into(),
        last_day: "2026-02-01".into(),
        ..AggregateOrdersRequest::default()
    };
    assert_eq!(fields(service.client().aggregate_orders(backwards).await), [invalid("last_day")]);
}

#[tokio::test]
async fn histories() {
    let service = Service::start().await;
    let request = ListOrderHistoryRequest {
        name: "orders/".into(),
        from_version: -1,
        page_size: i32::MIN,
        page_token: "AAAA".into(),
        consistency_token: "AAAA".into(),
    };
    let [token, consistency_token] = ["page_token", "consistency_token"]
        .map(|field| (field.to_owned(), format!("INVALID_{}", field.to_uppercase())));
    let bad = [invalid("name"), invalid("from_version"), invalid("page_size"), token, consistency_token];
    assert_eq!(fields(service.client().list_order_history(request).await), bad);

    service.commit_all(&[order(), order()]).await;
    let page = service.list(ListOrdersRequest { page_size: 1, ..ListOrdersRequest::default() }).await;
    let request = ListOrderHistoryRequest {
        name: NAME.into(),
        page_token: page.next_page_token,
        ..ListOrderHistoryRequest::default()
    };
    let mismatch = [("page_token".to_owned(), "PAGE_TOKEN_MISMATCH".to_owned())];
    assert_eq!(fields(service.client().list_order_history(request).await), mismatch);
}
