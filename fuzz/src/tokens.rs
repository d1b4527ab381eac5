//! Tokens that were not made here. They carry no authority and anybody can compute their checksum, so what is inside them is as
//! hostile as the rest: it is put behind the checksum and the binding of a real one.

use orders_proto::orders::v1::{
    GetOrderRequest, ListOrderHistoryRequest, ListOrderHistoryResponse, ListOrdersRequest,
    ListOrdersResponse, SearchOrdersRequest, SearchOrdersResponse, WatchOrdersRequest, WatchOrdersResponse,
};
use prost::Message;
use shared_infrastructure::{
    database::TransactionId,
    tokens::{ConsistencyToken, open, seal},
};

use crate::{
    blocking,
    queries::{ORDER, read},
};

const PAGE: u8 = 1;
const RESUME: u8 = b'R';
const CONSISTENCY: u8 = b'C';
/// What a binding takes in a token: a tag, a length, and 16 bytes.
const BINDING: usize = 18;

const ORDER_BYS: [&str; 5] = ["create_time", "place_time desc", "update_time", "total desc", "order_number"];

/// The token with these bytes behind the binding of a real one.
fn forged(kind: u8, real: &str, bytes: &[u8]) -> String {
    let content = open(kind, real).expect("a real token opens");
    seal(kind, &[&content[..BINDING], bytes].concat())
}

/// What is behind the binding of a real token.
fn inside(kind: u8, real: &str) -> Vec<u8> {
    open(kind, real).expect("a real token opens").split_off(BINDING)
}

fn list(order_by: &str, page_token: String) -> ListOrdersRequest {
    ListOrdersRequest { order_by: order_by.into(), page_size: 1, page_token, ..Default::default() }
}

fn search(page_token: String) -> SearchOrdersRequest {
    SearchOrdersRequest { query: "mug".into(), page_size: 1, page_token, ..Default::default() }
}

fn history(page_token: String) -> ListOrderHistoryRequest {
    ListOrderHistoryRequest { name: ORDER.into(), page_size: 1, page_token, ..Default::default() }
}

/// The first message of an answer.
async fn first<A: Message + Default>(method: &str, request: &impl Message) -> A {
    let answer = read(method, &request.encode_to_vec()).await;
    let message = answer.messages.first().unwrap_or_else(|| panic!("{method} ended with {}", answer.code));
    A::decode(message.clone()).expect("what the rpc answers with")
}

async fn real_page_tokens() -> ([String; 5], String, String) {
    let mut lists = <[String; 5]>::default();
    for (token, order_by) in lists.iter_mut().zip(ORDER_BYS) {
        *token =
            first::<ListOrdersResponse>("ListOrders", &list(order_by, String::new())).await.next_page_token;
    }
    let found: SearchOrdersResponse = first("SearchOrders", &search(String::new())).await;
    let told: ListOrderHistoryResponse = first("ListOrderHistory", &history(String::new())).await;
    (lists, found.next_page_token, told.next_page_token)
}

/// A page token, as a text and as what is inside one, wherever there are pages.
pub(crate) fn page_token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    blocking(async {
        let (lists, found, told) = real_page_tokens().await;
        for (real, order_by) in lists.iter().zip(ORDER_BYS) {
            for token in [text.clone().into(), seal(PAGE, bytes), forged(PAGE, real, bytes)] {
                read("ListOrders", &list(order_by, token).encode_to_vec()).await;
            }
        }
        read("SearchOrders", &search(forged(PAGE, &found, bytes)).encode_to_vec()).await;
        read("ListOrderHistory", &history(forged(PAGE, &told, bytes)).encode_to_vec()).await;
    });
}

/// Real ones.
pub(crate) fn page_tokens() -> Vec<Vec<u8>> {
    let (lists, found, told) = blocking(real_page_tokens());
    let texts = lists.iter().map(|token| token.clone().into_bytes());
    let real = lists.iter().chain([&found, &told]);
    texts.chain(real.map(|token| inside(PAGE, token))).collect()
}

fn watch(resume_token: String) -> WatchOrdersRequest {
    WatchOrdersRequest { resume_token, include_initial: true, ..Default::default() }
}

async fn real_resume_token() -> String {
    first::<WatchOrdersResponse>("WatchOrders", &watch(String::new())).await.resume_token
}

/// A resume token, as a text and as what is inside one.
pub(crate) fn resume_token(bytes: &[u8]) {
    blocking(async {
        let real = real_resume_token().await;
        let text = String::from_utf8_lossy(bytes).into();
        for token in [text, seal(RESUME, bytes), forged(RESUME, &real, bytes)] {
            read("WatchOrders", &watch(token).encode_to_vec()).await;
        }
    });
}

/// Real ones, and places in the feed.
pub(crate) fn resume_tokens() -> Vec<Vec<u8>> {
    let real = blocking(real_resume_token());
    let feed = |position: u8| vec![0x10, 9, 0x18, position];
    vec![inside(RESUME, &real), real.into_bytes(), feed(0), feed(3)]
}

/// A consistency token, as a text and as what is inside one: one that is taken is one that would be given.
pub(crate) fn consistency_token(bytes: &[u8]) {
    for token in [String::from_utf8_lossy(bytes).into(), seal(CONSISTENCY, bytes)] {
        if let Some(opened) = ConsistencyToken::opened(&token) {
            assert_eq!(opened.sealed(), token, "{opened:?}");
        }
        let get = GetOrderRequest { name: ORDER.into(), consistency_token: token, ..Default::default() };
        blocking(read("GetOrder", &get.encode_to_vec()));
    }
}

/// Real ones.
pub(crate) fn consistency_tokens() -> Vec<Vec<u8>> {
    let real = ConsistencyToken { transaction: TransactionId(9), commit: None }.sealed();
    let inside = open(CONSISTENCY, &real).expect("a real token opens");
    vec![real.into_bytes(), inside]
}
