//! Page tokens carry a checksum and no authority: anybody can make one up. Whatever it says, the answer is a page or a refusal.

use orders_proto::orders::v1::{ListOrderHistoryRequest, ListOrdersRequest, SearchOrdersRequest};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use prost::Message;
use shared_infrastructure::{search_words::Lexicon, tokens};
use tokio::runtime::Handle;
use tonic::{Code, Response, Status};

use crate::support::{Service, TENANT, changed, order};

/// The kind that page tokens are sealed as.
const KIND: u8 = 1;
const ORDER_BYS: [&str; 6] =
    ["create_time", "place_time desc", "update_time", "total desc", "order_number", "order_number desc"];

/// Makes all orders searchable by one word.
fn searchable() -> String {
    let word = Lexicon::of(TENANT).word("thing");
    format!("INSERT INTO order_search SELECT 1, tenant_id, order_id, create_time, '{word}' FROM orders")
}

/// What a page token says.
#[derive(Clone, PartialEq, Message)]
struct Content {
    #[prost(bytes = "vec", tag = "1")]
    binding: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    order: Vec<u8>,
    #[prost(sint64, optional, tag = "3")]
    number: Option<i64>,
    #[prost(string, optional, tag = "4")]
    text: Option<String>,
    #[prost(float, optional, tag = "5")]
    rank: Option<f32>,
}

/// A position that nobody was ever given. Times are microseconds; the years -4713 and 294276 are the ends of PostgreSQL's.
fn forged() -> impl Strategy<Value = Content> {
    let number = prop_oneof![
        any::<i64>(),
        -400_000_000_000_000_000..400_000_000_000_000_000_i64,
        Just(-62_135_596_800_000_001),
        Just(253_402_300_800_000_000),
        Just(i64::MIN),
        Just(i64::MAX),
    ];
    let order = prop_oneof![4 => any::<[u8; 16]>().prop_map(Vec::from), 1 => any::<Vec<u8>>()];
    let text = prop_oneof![any::<String>(), "[a-zA-Z0-9\\x00._-]{0,70}"];
    let rank = prop_oneof![prop::num::f32::ANY, 0.0..1.0_f32];
    let parts = (
        order,
        prop::option::of(number),
        prop::option::weighted(0.3, text),
        prop::option::weighted(0.7, rank),
    );
    parts.prop_map(|(order, number, text, rank)| Content { binding: Vec::new(), order, number, text, rank })
}

fn list(order_by: &str, page_token: String) -> ListOrdersRequest {
    ListOrdersRequest { order_by: order_by.into(), page_size: 1, page_token, ..ListOrdersRequest::default() }
}

fn content(token: &str) -> Content {
    Content::decode(&*tokens::open(KIND, token).unwrap()).unwrap()
}

fn never_our_fault<T>(answer: Result<Response<T>, Status>) -> Result<(), TestCaseError> {
    match answer {
        Ok(_) => Ok(()),
        Err(status) if status.code() == Code::InvalidArgument => Ok(()),
        Err(status) => Err(TestCaseError::fail(status.to_string())),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_token_is_a_position_or_a_bad_argument() {
    let service = Service::start().await;
    let first = order();
    service.commit_all(&[first.clone(), order(), changed(&first, |_| {})]).await;
    let history = |page_token| ListOrderHistoryRequest {
        name: first.name.clone(),
        page_size: 1,
        page_token,
        ..ListOrderHistoryRequest::default()
    };
    let mut bindings = Vec::new();
    for order_by in ORDER_BYS {
        let page = service.list(list(order_by, String::new())).await;
        bindings.push(content(&page.next_page_token).binding);
    }
    let page = service.client().list_order_history(history(String::new())).await.unwrap().into_inner();
    let history_binding = content(&page.next_page_token).binding;

    service.execute(&searchable()).await;
    let search = |page_token| SearchOrdersRequest {
        query: "thing".into(),
        page_size: 1,
        page_token,
        ..SearchOrdersRequest::default()
    };
    let page = service.client().search_orders(search(String::new())).await.unwrap().into_inner();
    let search_binding = content(&page.next_page_token).binding;

    let runtime = Handle::current();
    let mut runner = TestRunner::new(Config { cases: 128, failure_persistence: None, ..Config::default() });
    tokio::task::block_in_place(|| {
        let outcome = runner.run(&(forged(), any::<Vec<u8>>()), |(forged, garbage)| {
            let token = |binding: &Vec<u8>| {
                let content = Content { binding: binding.clone(), ..forged.clone() };
                tokens::seal(KIND, &content.encode_to_vec())
            };
            runtime.block_on(async {
                for (order_by, binding) in ORDER_BYS.iter().zip(&bindings) {
                    never_our_fault(service.client().list_orders(list(order_by, token(binding))).await)?;
                }
                let page = service.client().list_order_history(history(token(&history_binding))).await;
                never_our_fault(page)?;
                let page = service.client().search_orders(search(token(&search_binding))).await;
                never_our_fault(page)?;
                let garbage = list("", tokens::seal(KIND, &garbage));
                never_our_fault(service.client().list_orders(garbage).await)
            })
        });
        outcome.unwrap();
    });
}
