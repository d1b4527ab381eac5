//! SearchOrders: orders are found by their words, best first, page by page, each tenant's own.

use std::collections::BTreeSet;

use orders_proto::orders::v1::{
    Contact, DeleteOrderRequest, ExternalReference, Order, OrderLine, OrderView, SearchOrdersRequest,
    SearchOrdersResponse,
};

use super::{created, of_tenant};
use crate::support::{Queries, System, cart, money, published};

fn line(sku: &str, title: &str) -> OrderLine {
    OrderLine {
        sku: sku.to_owned(),
        title: title.to_owned(),
        quantity: 1,
        unit_price: money("EUR", 100),
        ..OrderLine::default()
    }
}

async fn ask(
    queries: &mut Queries,
    tenant: &'static str,
    request: SearchOrdersRequest,
) -> SearchOrdersResponse {
    queries.search_orders(of_tenant(tenant, request)).await.unwrap().into_inner()
}

async fn names(queries: &mut Queries, tenant: &'static str, query: &str, token: &str) -> Vec<String> {
    let (query, consistency_token) = (query.to_owned(), token.to_owned());
    let request = SearchOrdersRequest { query, consistency_token, ..Default::default() };
    ask(queries, tenant, request).await.orders.into_iter().map(|order| order.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_found_by_each_of_its_words_as_soon_as_its_token_is_shown() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let described = Order {
        customer_id: "c-4711".to_owned(),
        external_reference: Some(ExternalReference { source: "shop".to_owned(), id: "X/99".to_owned() }),
        purchase_order_number: "PO#12".to_owned(),
        tags: vec!["Größe:XL".to_owned()],
        lines: vec![line("RED-7", "Rote Schuhe, 東京")],
        ..cart()
    };
    let order = created(&mut commands, "acme", described).await;
    let other = created(&mut commands, "acme", cart()).await;
    let foreign = created(&mut commands, "other", cart()).await;
    let token = foreign.consistency_token.clone();

    let number = order.order_number.as_str();
    for query in [
        number,
        "c-4711",
        "x/99",
        "po#12",
        "RED-7",
        "red-7 schuhe",
        "SCHUHE rot",
        "東京",
        "größe:xl",
        "xl grace 4711",
        "RED-7 gra",
    ] {
        assert_eq!(names(&mut queries, "acme", query, &token).await, [order.name.as_str()], "{query}");
    }
    let both: BTreeSet<_> = [order.name.clone(), other.name].into();
    for query in ["grace@example.com", "hopper", "GRACE hop", "g", &number[..number.len() - 3]] {
        let found = names(&mut queries, "acme", query, &token).await;
        assert_eq!(BTreeSet::from_iter(found), both, "{query}");
    }
    for nothing in ["schuh rote x", "rot schuhe", "acme", "grace mug red", "7red"] {
        assert_eq!(names(&mut queries, "acme", nothing, &token).await, [""; 0], "{nothing}");
    }
    assert_eq!(names(&mut queries, "other", "grace", &token).await, [foreign.name]);
    assert_eq!(names(&mut queries, "other", "schuhe", &token).await, [""; 0]);

    let request = SearchOrdersRequest {
        query: "schuhe".to_owned(),
        view: OrderView::Full.into(),
        ..Default::default()
    };
    let whole = ask(&mut queries, "acme", request).await.orders.remove(0);
    assert_eq!(published(&whole), published(&order));
}

#[tokio::test(flavor = "multi_thread")]
async fn better_matches_come_first_and_filters_pick() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let tagged = Order { tags: vec!["lamp".to_owned()], channel: "web".to_owned(), ..cart() };
    let titled = Order { lines: vec![line("A", "A lamp")], channel: "web".to_owned(), ..cart() };
    let of_sku = Order { lines: vec![line("LAMP", "")], channel: "store".to_owned(), ..cart() };
    let of_reference = Order { purchase_order_number: "lamp".to_owned(), ..cart() };
    let mut expected = Vec::new();
    for order in [of_reference, of_sku, titled.clone(), tagged.clone(), tagged] {
        expected.push(created(&mut commands, "acme", order).await);
    }
    let token = expected[4].consistency_token.clone();
    // Of two equal ones, the newer comes first.
    expected.swap(3, 4);
    let all: Vec<_> = expected.iter().map(|order| order.name.clone()).collect();
    assert_eq!(names(&mut queries, "acme", "lamp", &token).await, all);

    let filtered = SearchOrdersRequest {
        query: "lamp".to_owned(),
        filter: "channel = \"web\" AND tags:\"lamp\"".to_owned(),
        ..Default::default()
    };
    let found = ask(&mut queries, "acme", filtered).await.orders;
    assert_eq!(
        found.iter().map(|order| &order.name).collect::<Vec<_>>(),
        all[3..].iter().collect::<Vec<_>>()
    );

    let draft = created(&mut commands, "acme", Order { contact: None, ..titled }).await;
    assert_eq!(names(&mut queries, "acme", "lamp", &draft.consistency_token).await.len(), 6);
    let deletion = DeleteOrderRequest { name: draft.name, ..Default::default() };
    let deleted = commands.delete_order(of_tenant("acme", deletion)).await.unwrap();
    let token = deleted.metadata().get("order-consistency-token").unwrap().to_str().unwrap().to_owned();
    assert_eq!(names(&mut queries, "acme", "lamp", &token).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_together_are_all_that_is_found_each_order_once() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let mut all = BTreeSet::new();
    let mut consistency_token = String::new();
    for number in 0..23 {
        let tags = if number % 3 == 0 { vec!["hopper".to_owned()] } else { vec![] };
        let lines = if number % 5 == 0 { vec![line("Hopper", "")] } else { cart().lines };
        let order = created(&mut commands, "acme", Order { tags, lines, ..cart() }).await;
        consistency_token = order.consistency_token;
        all.insert(order.name);
    }
    for (page_size, view) in [(1, OrderView::Basic), (5, OrderView::Full), (23, OrderView::Basic)] {
        let mut request = SearchOrdersRequest {
            query: "Hopper gra".to_owned(),
            page_size,
            view: view.into(),
            consistency_token: consistency_token.clone(),
            ..Default::default()
        };
        let mut found = Vec::new();
        loop {
            let page = ask(&mut queries, "acme", request.clone()).await;
            assert!(page.orders.len() <= usize::try_from(page_size).unwrap() && !page.orders.is_empty());
            found.extend(page.orders.into_iter().map(|order| order.name));
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        assert_eq!((found.len(), BTreeSet::from_iter(found)), (23, all.clone()), "{page_size}");
    }
    let first = SearchOrdersRequest { query: "hopper".to_owned(), page_size: 2, ..Default::default() };
    let page_token = ask(&mut queries, "acme", first.clone()).await.next_page_token;
    let other_query = SearchOrdersRequest { query: "grace".to_owned(), ..first.clone() };
    let other_filter = SearchOrdersRequest { filter: "state = PLACED".to_owned(), ..first.clone() };
    for (tenant, request) in [("other", first), ("acme", other_query), ("acme", other_filter)] {
        let request = SearchOrdersRequest { page_token: page_token.clone(), ..request };
        let refused = queries.search_orders(of_tenant(tenant, request)).await.unwrap_err();
        assert_eq!(crate::support::reason(&refused), "PAGE_TOKEN_MISMATCH");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_texts_and_queries_is_only_looked_for() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let name = "O'Brien \\ & | ! <-> :* (x) '' \\' %_";
    let contact = Some(Contact { name: name.to_owned(), email: "o@b.ie".to_owned(), ..Contact::default() });
    let order = created(&mut commands, "acme", Order { contact, ..cart() }).await;
    for query in [name, "o'brien", "brien & x", "O\\Brien", "x:*", "\u{0}x\u{0}", "(x | nothing) brien"] {
        let found = names(&mut queries, "acme", query, &order.consistency_token).await;
        let expected = if query.contains("nothing") { 0 } else { 1 };
        assert_eq!(found.len(), expected, "{query:?}");
    }
}
