//! `orders.v1.OrderQueryService`: decode, ask, encode.

use orders_proto::{
    EncodedOrder,
    orders::v1::{
        BatchGetOrdersRequest, GetOrderRequest, ListOrderHistoryRequest, ListOrderHistoryResponse,
        ListOrdersRequest, LookupOrderRequest,
    },
    servers::{
        BatchGetOrdersResponse, ListOrdersResponse,
        order_query_service_server::{OrderQueryService, OrderQueryServiceServer},
    },
};
use query_application::{
    BatchGetOrdersHandler, GetOrderHandler, ListOrderHistoryHandler, ListOrdersHandler, LookupOrderHandler,
    OrderReadRepository, QueryError, ReadError,
};
use shared_infrastructure::auth;
use tonic::{Request, Response, Status};

use super::{decode, encode, page_token::PageToken, status::status};

/// The longest request, in bytes.
const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// Answers the calls of `orders.v1.OrderQueryService`. Every call must have been authenticated before it gets here.
#[derive(Debug, Clone)]
pub struct OrderQueryApi<R> {
    get_order: GetOrderHandler<R>,
    lookup_order: LookupOrderHandler<R>,
    batch_get_orders: BatchGetOrdersHandler<R>,
    list_orders: ListOrdersHandler<R>,
    list_order_history: ListOrderHistoryHandler<R>,
}

impl<R: OrderReadRepository + Clone + 'static> OrderQueryApi<R> {
    /// Reads from `orders`.
    pub fn new(orders: R) -> Self {
        Self {
            get_order: GetOrderHandler::new(orders.clone()),
            lookup_order: LookupOrderHandler::new(orders.clone()),
            batch_get_orders: BatchGetOrdersHandler::new(orders.clone()),
            list_orders: ListOrdersHandler::new(orders.clone()),
            list_order_history: ListOrderHistoryHandler::new(orders),
        }
    }

    /// The service to route calls to.
    #[must_use]
    pub fn into_service(self) -> OrderQueryServiceServer<Self> {
        OrderQueryServiceServer::new(self).max_decoding_message_size(MAX_REQUEST_BYTES)
    }
}

#[tonic::async_trait]
impl<R: OrderReadRepository + Clone + 'static> OrderQueryService for OrderQueryApi<R> {
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<EncodedOrder>, Status> {
        let caller = auth::caller(&request)?;
        let query = decode::get_order(request.into_inner())?;
        let details = self.get_order.handle(query, &caller).await.map_err(status)?;
        Ok(Response::new(details.published_state.into()))
    }

    async fn lookup_order(
        &self,
        request: Request<LookupOrderRequest>,
    ) -> Result<Response<EncodedOrder>, Status> {
        let caller = auth::caller(&request)?;
        let query = decode::lookup_order(request.into_inner())?;
        let details = self.lookup_order.handle(query, &caller).await.map_err(status)?;
        Ok(Response::new(details.published_state.into()))
    }

    async fn batch_get_orders(
        &self,
        request: Request<BatchGetOrdersRequest>,
    ) -> Result<Response<BatchGetOrdersResponse>, Status> {
        let caller = auth::caller(&request)?;
        let query = decode::batch_get_orders(request.into_inner())?;
        let found = self.batch_get_orders.handle(query, &caller).await.map_err(status)?;
        let orders = found.into_iter().map(|details| details.published_state.into()).collect();
        Ok(Response::new(BatchGetOrdersResponse { orders }))
    }

    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        let caller = auth::caller(&request)?;
        let (query, binding) = decode::list_orders(request.into_inner(), &caller.tenant)?;
        let page = self.list_orders.handle(query, &caller).await.map_err(status)?;
        Ok(Response::new(ListOrdersResponse {
            next_page_token: page.next.map(|last| PageToken::after_order(binding, &last)).unwrap_or_default(),
            estimated_total_size: page.estimated_total,
            orders: encode::orders(page.orders),
        }))
    }

    async fn list_order_history(
        &self,
        request: Request<ListOrderHistoryRequest>,
    ) -> Result<Response<ListOrderHistoryResponse>, Status> {
        let caller = auth::caller(&request)?;
        let (query, binding) = decode::list_order_history(request.into_inner(), &caller.tenant)?;
        let page = self.list_order_history.handle(query, &caller).await.map_err(status)?;
        let entries = page.items.into_iter().map(encode::history_entry).collect::<Result<_, _>>();
        Ok(Response::new(ListOrderHistoryResponse {
            entries: entries.map_err(corrupt)?,
            next_page_token: page
                .next
                .map(|last| PageToken::after_version(binding, last))
                .unwrap_or_default(),
        }))
    }
}

/// The status for stored bytes that make no sense.
fn corrupt(error: ReadError) -> Status {
    status(QueryError::Read(error))
}
