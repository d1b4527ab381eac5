//! Every way to read an order, with what it tells of the order's version.

use std::time::Duration;

use orders_proto::orders::v1::{
    BatchGetOrdersRequest, GetOrderRequest, ListOrderHistoryRequest, ListOrdersRequest, LookupOrderRequest,
    Order, OrderView, get_order_request::At, lookup_order_request::Key,
};
use tonic::{Code, Request, Response, Status};

use super::Client;

/// An rpc, or one of its forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Get,
    GetVersion,
    Lookup,
    Batch,
    ListBasic,
    ListFull,
    History,
}

pub(crate) const READS: [Read; 7] =
    [Read::Get, Read::GetVersion, Read::Lookup, Read::Batch, Read::ListBasic, Read::ListFull, Read::History];

impl Read {
    /// Whether the read tells this version of the order or a later one, and the token of the answer. An order, or a version, that is
    /// not there yet is an old state.
    pub(crate) async fn is_new(
        self,
        client: &mut Client,
        order: &Order,
        token: &str,
        timeout: Option<Duration>,
    ) -> Result<(bool, Option<String>), Status> {
        let answer = self.version(client, order, token, timeout).await;
        match answer {
            Ok(answer) => {
                let token = answer.metadata().get("order-consistency-token");
                let token = token.map(|token| token.to_str().unwrap().to_owned());
                Ok((*answer.get_ref() >= order.version, token))
            }
            Err(status) if status.code() == Code::NotFound => Ok((false, None)),
            Err(status) => Err(status),
        }
    }

    /// The version that it tells; 0 if it tells of none.
    async fn version(
        self,
        client: &mut Client,
        order: &Order,
        token: &str,
        timeout: Option<Duration>,
    ) -> Result<Response<i64>, Status> {
        let (name, consistency_token) = (order.name.clone(), token.to_owned());
        let filter = format!("customer_id = \"{}\"", order.customer_id);
        let list = |view: OrderView| ListOrdersRequest {
            filter,
            view: view.into(),
            consistency_token: consistency_token.clone(),
            ..ListOrdersRequest::default()
        };
        let of = |order: &Order| order.version;
        let of_first = |orders: &[Order]| orders.iter().find(|found| found.name == order.name).map_or(0, of);
        match self {
            Self::Get => {
                let request = GetOrderRequest { name, consistency_token, at: None };
                Ok(client.get_order(within(request, timeout)).await?.map(|order| order.version))
            }
            Self::GetVersion => {
                let request =
                    GetOrderRequest { name, consistency_token, at: Some(At::Version(order.version)) };
                Ok(client.get_order(within(request, timeout)).await?.map(|order| order.version))
            }
            Self::Lookup => {
                let key = Some(Key::OrderNumber(order.order_number.clone()));
                let request = LookupOrderRequest { key, consistency_token };
                Ok(client.lookup_order(within(request, timeout)).await?.map(|order| order.version))
            }
            Self::Batch => {
                let request = BatchGetOrdersRequest { names: vec![name], consistency_token };
                let answer = client.batch_get_orders(within(request, timeout)).await?;
                Ok(answer.map(|answer| of_first(&answer.orders)))
            }
            Self::ListBasic => {
                let answer = client.list_orders(within(list(OrderView::Basic), timeout)).await?;
                Ok(answer.map(|answer| of_first(&answer.orders)))
            }
            Self::ListFull => {
                let answer = client.list_orders(within(list(OrderView::Full), timeout)).await?;
                Ok(answer.map(|answer| of_first(&answer.orders)))
            }
            Self::History => {
                let from_version = order.version;
                let request = ListOrderHistoryRequest {
                    name,
                    from_version,
                    consistency_token,
                    ..ListOrderHistoryRequest::default()
                };
                let answer = client.list_order_history(within(request, timeout)).await?;
                Ok(answer.map(|answer| answer.entries.last().map_or(0, |entry| entry.version)))
            }
        }
    }
}

fn within<T>(message: T, timeout: Option<Duration>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    request
}
