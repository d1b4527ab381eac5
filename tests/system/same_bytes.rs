//! Reads answer exactly what commands answered, byte for byte: the current state, every past one, in lists and in batches.

use chaos::books::in_a_list;
use orders_proto::orders::v1::{
    BatchGetOrdersRequest, GetOrderRequest, ListOrderHistoryRequest, ListOrdersRequest, Order, OrderView,
    get_order_request::At,
};
use prost::{Message, bytes::Bytes};
use tonic::{Code, Status, transport::Channel};

use crate::{
    random_day::{Known, RandomDay},
    support::{Queries, System, channel, published, raw_call, reason},
};

const COMMANDS: u32 = 700;

#[tokio::test(flavor = "multi_thread")]
async fn reads_answer_what_commands_answered() {
    compare(1).await.assert_varied();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn reads_answer_what_commands_answered_on_many_days() {
    for seed in 2..12 {
        compare(seed).await;
    }
}

async fn compare(seed: u64) -> RandomDay {
    let system = System::start().await;
    let mut day = RandomDay::new(seed, system.commands().await);
    let reads = Reads::new(channel(system.query_address()).await, day.seed);
    for _ in 0..COMMANDS {
        if let Some(place) = day.step().await {
            reads.compare_now(&day.orders[place]).await;
        }
    }
    for known in &day.orders {
        reads.compare_past(known).await;
    }
    reads.compare_batches(&day.orders).await;
    reads.compare_lists(&day.orders).await;
    day
}

struct Reads {
    channel: Channel,
    seed: u64,
}

impl Reads {
    fn new(channel: Channel, seed: u64) -> Self {
        Self { channel, seed }
    }

    fn queries(&self) -> Queries {
        Queries::new(self.channel.clone())
    }

    async fn get(&self, name: &str, at: Option<At>) -> Result<Bytes, Status> {
        let request = GetOrderRequest { name: name.to_owned(), at, ..GetOrderRequest::default() };
        raw_call(&self.channel, "/orders.v1.OrderQueryService/GetOrder", request).await
    }

    async fn compare_now(&self, known: &Known) {
        match self.get(&known.name, None).await {
            Ok(bytes) => {
                assert!(!known.deleted, "seed {}: {} was deleted", self.seed, known.name);
                self.assert_same(&bytes, known.published(), &known.name);
            }
            Err(status) => {
                assert!(known.deleted, "seed {}: {}: {status}", self.seed, known.name);
                assert_eq!((status.code(), &*reason(&status)), (Code::NotFound, "ORDER_NOT_FOUND"));
            }
        }
    }

    /// Every version, by its number and by the time of its commit, and the history's own list of them.
    async fn compare_past(&self, known: &Known) {
        let mut commit_times = Vec::new();
        for (state, version) in known.versions.iter().zip(1..) {
            let what = format!("{} at version {version}", known.name);
            let bytes = self.get(&known.name, Some(At::Version(version))).await.unwrap();
            self.assert_same(&bytes, state, &what);
            let update_time = Order::decode(&state[..]).unwrap().update_time.unwrap();
            let bytes = self.get(&known.name, Some(At::ReadTime(update_time))).await.unwrap();
            self.assert_same(&bytes, state, &format!("{what}, by time"));
            commit_times.push(update_time);
        }
        let past_the_last = i64::try_from(known.commits()).unwrap() + 1;
        let status = self.get(&known.name, Some(At::Version(past_the_last))).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound, "seed {}: {}", self.seed, known.name);

        let request =
            ListOrderHistoryRequest { name: known.name.clone(), page_size: 200, ..Default::default() };
        let entries = self.queries().list_order_history(request).await.unwrap().into_inner().entries;
        let versions: Vec<_> = entries.iter().map(|entry| entry.version).collect();
        assert_eq!(versions, (1..past_the_last).collect::<Vec<_>>(), "seed {}: {}", self.seed, known.name);
        for (entry, time) in entries.iter().zip(commit_times) {
            assert_eq!(entry.commit_time, Some(time), "seed {}: {} {}", self.seed, known.name, entry.version);
        }
    }

    async fn compare_batches(&self, orders: &[Known]) {
        let there: Vec<_> = orders.iter().filter(|known| !known.deleted).collect();
        for batch in there.chunks(7) {
            let names = batch.iter().map(|known| known.name.clone()).rev().collect();
            let answer = self
                .queries()
                .batch_get_orders(BatchGetOrdersRequest { names, ..BatchGetOrdersRequest::default() })
                .await
                .unwrap();
            for (order, known) in answer.into_inner().orders.iter().zip(batch.iter().rev()) {
                self.assert_same(&order.encode_to_vec(), known.published(), &known.name);
            }
        }
    }

    /// All pages of a list, whole orders and rows: every order that is there, once.
    async fn compare_lists(&self, orders: &[Known]) {
        let mut there: Vec<_> = orders.iter().filter(|known| !known.deleted).collect();
        there.sort_by_key(|known| {
            (known.order.create_time.map(|time| (time.seconds, time.nanos)), &known.name)
        });
        for view in [OrderView::Full, OrderView::Basic] {
            let listed = self.list(view).await;
            assert_eq!(listed.len(), there.len(), "seed {}", self.seed);
            for (order, known) in listed.iter().zip(&there) {
                let expected = match view {
                    OrderView::Full => known.published().to_vec(),
                    _ => published(&in_a_list(known.order.clone())),
                };
                self.assert_same(&order.encode_to_vec(), &expected, &format!("{} in a list", known.name));
            }
        }
    }

    async fn list(&self, view: OrderView) -> Vec<Order> {
        let mut request = ListOrdersRequest {
            order_by: "create_time".to_owned(),
            page_size: 6,
            view: view.into(),
            ..ListOrdersRequest::default()
        };
        let mut orders = Vec::new();
        loop {
            let page = self.queries().list_orders(request.clone()).await.unwrap().into_inner();
            orders.extend(page.orders);
            if page.next_page_token.is_empty() {
                return orders;
            }
            request.page_token = page.next_page_token;
        }
    }

    fn assert_same(&self, read: &[u8], answered: &[u8], what: &str) {
        if read != answered {
            let decode = |bytes: &[u8]| Order::decode(bytes).unwrap();
            assert_eq!(decode(read), decode(answered), "seed {}: {what}", self.seed);
            panic!("seed {}: {what}: the same order in other bytes", self.seed);
        }
    }
}
