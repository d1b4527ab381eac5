//! Reads, on storage that has the same order over and over: decoder, query and encoder.

mod storage;

use std::time::Duration;

use orders_proto::orders::v1::{
    AggregateOrdersRequest, ListOrdersRequest, SearchOrdersRequest, WatchOrdersRequest,
};
use prost::Message;
use query_infrastructure::api::{OrderQueryApi, WatchLimits};
use shared_infrastructure::search_words::{Lexicon, quoted, tokens};
use tokio_util::sync::CancellationToken;

pub(crate) use self::storage::{ORDER, Storage};
use crate::{
    blocking,
    call::{Answer, call},
    seeds,
    steps::{input, steps},
};

/// The rpcs of query-service. Their places are part of the corpus: new ones go to the end.
const METHODS: [&str; 9] = [
    "GetOrder",
    "LookupOrder",
    "BatchGetOrders",
    "ListOrders",
    "ListOrderHistory",
    "SearchOrders",
    "AggregateOrders",
    "WatchOrders",
    "GetReadStatus",
];

/// Makes one read.
pub(crate) async fn read(method: &str, message: &[u8]) -> Answer {
    let limits = WatchLimits { watches: 1, patience: Duration::from_secs(60) };
    let api = OrderQueryApi::new(Storage, Storage, limits, CancellationToken::new());
    call(api.into_service(), format!("/orders.v1.OrderQueryService/{method}"), message).await
}

/// Makes the reads of an input.
pub(crate) fn run(bytes: &[u8]) {
    blocking(async {
        for (method, message) in steps(&METHODS, bytes) {
            read(method, message).await;
        }
    });
}

/// Every read.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let reads = seeds::queries(ORDER);
    reads.into_iter().map(|read| input(&METHODS, &[read])).collect()
}

/// A filter, wherever there is one: it is a filter everywhere or nowhere.
pub(crate) fn filter(bytes: &[u8]) {
    let filter = String::from_utf8_lossy(bytes);
    let list = ListOrdersRequest { filter: filter.clone().into(), ..Default::default() };
    let watch =
        WatchOrdersRequest { filter: filter.clone().into(), include_initial: true, ..Default::default() };
    let sum = AggregateOrdersRequest { filter: filter.clone().into(), ..Default::default() };
    let search = SearchOrdersRequest { filter: filter.into(), query: "mug".into(), ..Default::default() };
    blocking(async {
        let listed = read("ListOrders", &list.encode_to_vec()).await.code;
        let found = read("SearchOrders", &search.encode_to_vec()).await.code;
        assert_eq!(listed, found, "{:?}", list.filter);
        read("WatchOrders", &watch.encode_to_vec()).await;
        read("AggregateOrders", &sum.encode_to_vec()).await;
    });
}

/// A filter for each thing that the language has.
pub(crate) fn filters() -> Vec<Vec<u8>> {
    [
        "",
        "state = PLACED",
        "state != CANCELLED AND payment_state = PAID",
        "(state = PLACED OR state = CONFIRMED)",
        "hold = true AND channel = \"web\"",
        "customer_id = \"c-42\" AND order_number = \"10000000\"",
        "external_reference.source = \"shop\" AND external_reference.id = \"a\\\"b\"",
        "tags:\"gift\" AND metadata.gift = \"yes\"",
        "lines.sku:\"mug\" AND total >= \"10.50 EUR\"",
        "total < \"10 EUR\" AND create_time <= \"2026-01-31T12:00:00.5Z\"",
        "update_time > \"2026-01-31T12:00:00+02:00\" AND fulfillment_state = SHIPPED",
    ]
    .map(Vec::from)
    .into()
}

/// What is looked for: words in texts and in queries are cut alike.
pub(crate) fn search_words(bytes: &[u8]) {
    let query = String::from_utf8_lossy(bytes);
    let lexicon = Lexicon::of("acme");
    for token in tokens(&query) {
        assert!(!token.words.is_empty(), "{token:?}");
        for word in token.words.iter().chain(&token.whole) {
            assert!(!word.is_empty(), "{token:?}");
            assert!(!word.contains(|c: char| c.is_control() || c.is_whitespace()), "{token:?}");
            assert!(word.chars().count() <= 128, "{token:?}");
            let quoted = quoted(&lexicon.word(word));
            assert!(quoted.starts_with('\'') && quoted.ends_with('\''), "{quoted}");
        }
    }
    let search = SearchOrdersRequest { query: query.into(), ..Default::default() };
    blocking(read("SearchOrders", &search.encode_to_vec()));
}

/// Queries with all that can be in one.
pub(crate) fn searches() -> Vec<Vec<u8>> {
    [
        "",
        "ada mug",
        "SKU-7 sku-7*",
        "\"st james\"",
        "Größe ΣΊΓΜΑ 東京",
        "a\0b\u{1b}c",
        "ada.l@example.org",
        "-- / !",
    ]
    .map(Vec::from)
    .into()
}

#[cfg(test)]
mod tests {
    use orders_proto::FILE_DESCRIPTOR_SET;
    use prost_reflect::DescriptorPool;
    use tonic::Code;

    use super::*;

    #[test]
    fn all_rpcs_are_called() {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let service = pool.get_service_by_name("orders.v1.OrderQueryService").unwrap();
        let mut named: Vec<_> = service.methods().map(|method| method.name().to_owned()).collect();
        let mut known = METHODS.map(str::to_owned);
        named.sort();
        known.sort();
        assert_eq!(known.as_slice(), named);
    }

    #[test]
    fn the_seeds_are_answered() {
        for seed in seeds::queries(ORDER).into_iter().filter(|seed| seed.method != "WatchOrders") {
            assert_eq!(blocking(read(seed.method, &seed.message)).code, Code::Ok, "{seed:?}");
        }
    }
}
