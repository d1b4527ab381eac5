//! `orders.v1.OrderQueryService`: decode, ask, encode.

use orders_proto::{
    EncodedOrder,
    orders::v1::{
        AggregateOrdersRequest, AggregateOrdersResponse, BatchGetOrdersRequest, GetOrderRequest,
        GetReadStatusRequest, GetReadStatusResponse, ListOrderHistoryRequest, ListOrderHistoryResponse,
        ListOrdersRequest, LookupOrderRequest, SearchOrdersRequest, WatchOrdersRequest,
    },
    servers::{
        BatchGetOrdersResponse, ListOrdersResponse, SearchOrdersResponse,
        order_query_service_server::{OrderQueryService, OrderQueryServiceServer},
    },
};
use query_application::{
    AggregateOrdersHandler, BatchGetOrdersHandler, Freshness, GetOrderHandler, GetReadStatusHandler,
    HistoryEntry, ListOrderHistoryHandler, ListOrdersHandler, LookupOrderHandler, OrderDetails, OrderFeed,
    OrderProjections, OrderReadRepository, QueryError, ReadError, SearchOrdersHandler, StorageStatus,
};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{
    aggregates,
    call::{Call, answer},
    decode, encode,
    page_token::PageToken,
    search,
    status::status,
    watch::{WatchLimits, WatchStream, Watches},
};

/// The longest request, in bytes.
const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// Answers the calls of `orders.v1.OrderQueryService`. Every call must have been authenticated before it gets here.
#[derive(Debug, Clone)]
pub struct OrderQueryApi<R, F> {
    get_order: GetOrderHandler<R>,
    lookup_order: LookupOrderHandler<R>,
    batch_get_orders: BatchGetOrdersHandler<R>,
    list_orders: ListOrdersHandler<R>,
    list_order_history: ListOrderHistoryHandler<R>,
    search_orders: SearchOrdersHandler<R>,
    aggregate_orders: AggregateOrdersHandler<R>,
    get_read_status: GetReadStatusHandler<R>,
    watches: Watches<F>,
}

impl<R, F> OrderQueryApi<R, F>
where
    R: OrderReadRepository + OrderProjections + StorageStatus + Clone + 'static,
    F: OrderFeed + Clone + 'static,
{
    /// Reads from `orders`, and watches `feed` until `stopping` is cancelled.
    pub fn new(orders: R, feed: F, limits: WatchLimits, stopping: CancellationToken) -> Self {
        Self {
            get_order: GetOrderHandler::new(orders.clone()),
            lookup_order: LookupOrderHandler::new(orders.clone()),
            batch_get_orders: BatchGetOrdersHandler::new(orders.clone()),
            list_orders: ListOrdersHandler::new(orders.clone()),
            list_order_history: ListOrderHistoryHandler::new(orders.clone()),
            search_orders: SearchOrdersHandler::new(orders.clone()),
            aggregate_orders: AggregateOrdersHandler::new(orders.clone()),
            get_read_status: GetReadStatusHandler::new(orders),
            watches: Watches::new(feed, limits, stopping),
        }
    }

    /// The service to route calls to.
    #[must_use]
    pub fn into_service(self) -> OrderQueryServiceServer<Self> {
        OrderQueryServiceServer::new(self).max_decoding_message_size(MAX_REQUEST_BYTES)
    }
}

#[tonic::async_trait]
impl<R, F> OrderQueryService for OrderQueryApi<R, F>
where
    R: OrderReadRepository + OrderProjections + StorageStatus + Clone + 'static,
    F: OrderFeed + Clone + 'static,
{
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<EncodedOrder>, Status> {
        let call = Call::of(&request)?;
        let (query, at_least) = decode::get_order(request.into_inner())?;
        let details = self.get_order.handle(query, &call.context(at_least)).await.map_err(status)?;
        let freshness = Some(details.freshness());
        Ok(answer(details.published_state.into(), freshness))
    }

    async fn lookup_order(
        &self,
        request: Request<LookupOrderRequest>,
    ) -> Result<Response<EncodedOrder>, Status> {
        let call = Call::of(&request)?;
        let (query, at_least) = decode::lookup_order(request.into_inner())?;
        let details = self.lookup_order.handle(query, &call.context(at_least)).await.map_err(status)?;
        let freshness = Some(details.freshness());
        Ok(answer(details.published_state.into(), freshness))
    }

    async fn batch_get_orders(
        &self,
        request: Request<BatchGetOrdersRequest>,
    ) -> Result<Response<BatchGetOrdersResponse>, Status> {
        let call = Call::of(&request)?;
        let (query, at_least) = decode::batch_get_orders(request.into_inner())?;
        let found = self.batch_get_orders.handle(query, &call.context(at_least)).await.map_err(status)?;
        let freshness = Freshness::newest(found.iter().map(OrderDetails::freshness));
        let orders = found.into_iter().map(|details| details.published_state.into()).collect();
        Ok(answer(BatchGetOrdersResponse { orders }, freshness))
    }

    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        let call = Call::of(&request)?;
        let (query, binding, at_least) = decode::list_orders(request.into_inner(), &call.tenant)?;
        let page = self.list_orders.handle(query, &call.context(at_least)).await.map_err(status)?;
        let message = ListOrdersResponse {
            next_page_token: page.next.map(|last| PageToken::after_order(binding, &last)).unwrap_or_default(),
            estimated_total_size: page.total,
            orders: encode::orders(page.orders),
        };
        Ok(answer(message, Some(page.freshness)))
    }

    async fn list_order_history(
        &self,
        request: Request<ListOrderHistoryRequest>,
    ) -> Result<Response<ListOrderHistoryResponse>, Status> {
        let call = Call::of(&request)?;
        let (query, binding, at_least) = decode::list_order_history(request.into_inner(), &call.tenant)?;
        let page = self.list_order_history.handle(query, &call.context(at_least)).await.map_err(status)?;
        let freshness = page.items.last().map(HistoryEntry::freshness);
        let entries = page.items.into_iter().map(encode::history_entry).collect::<Result<_, _>>();
        let message = ListOrderHistoryResponse {
            entries: entries.map_err(corrupt)?,
            next_page_token: page
                .next
                .map(|last| PageToken::after_version(binding, last))
                .unwrap_or_default(),
        };
        Ok(answer(message, freshness))
    }

    async fn search_orders(
        &self,
        request: Request<SearchOrdersRequest>,
    ) -> Result<Response<SearchOrdersResponse>, Status> {
        let call = Call::of(&request)?;
        let (query, binding, at_least) = search::decode(request.into_inner(), &call.tenant)?;
        let page = self.search_orders.handle(query, &call.context(at_least)).await.map_err(status)?;
        let message = SearchOrdersResponse {
            next_page_token: page.next.map(|last| PageToken::after_match(binding, last)).unwrap_or_default(),
            orders: encode::orders(page.orders),
        };
        Ok(answer(message, Some(page.freshness)))
    }

    async fn aggregate_orders(
        &self,
        request: Request<AggregateOrdersRequest>,
    ) -> Result<Response<AggregateOrdersResponse>, Status> {
        let call = Call::of(&request)?;
        let (query, at_least) = aggregates::decode(request.into_inner())?;
        let aggregates =
            self.aggregate_orders.handle(query, &call.context(at_least)).await.map_err(status)?;
        let freshness = aggregates.freshness;
        Ok(answer(aggregates::encode(aggregates)?, freshness))
    }

    type WatchOrdersStream = WatchStream;

    async fn watch_orders(
        &self,
        request: Request<WatchOrdersRequest>,
    ) -> Result<Response<WatchStream>, Status> {
        let tenant = Call::of(&request)?.tenant;
        Ok(Response::new(self.watches.watch(request.into_inner(), tenant).await?))
    }

    async fn get_read_status(
        &self,
        _: Request<GetReadStatusRequest>,
    ) -> Result<Response<GetReadStatusResponse>, Status> {
        let status = self.get_read_status.handle().await.map_err(status)?;
        Ok(Response::new(encode::read_status(status)))
    }
}

/// The status for stored bytes that make no sense.
fn corrupt(error: ReadError) -> Status {
    status(QueryError::Read(error))
}
