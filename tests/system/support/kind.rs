//! One call of each kind that there is.

use std::time::Duration;

use orders_proto::orders::v1::{
    AddOrderNoteRequest, CreateOrderRequest, GetOrderRequest, ListOrderHistoryRequest, ListOrdersRequest,
    LookupOrderRequest, NoteVisibility, SearchOrdersRequest, lookup_order_request::Key,
};
use tonic::{Request, Status};

use super::{PlainClients, cart};

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Get,
    Lookup,
    List,
    PageOfCustomer,
    History,
    Search,
    Note,
    Create,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Get,
        Self::Lookup,
        Self::List,
        Self::PageOfCustomer,
        Self::History,
        Self::Search,
        Self::Note,
        Self::Create,
    ];

    /// Calls, about this order where it is about one, with a deadline if there is one.
    pub(crate) async fn call(
        self,
        clients: &mut PlainClients,
        order: &str,
        timeout: Option<Duration>,
    ) -> Result<(), Status> {
        let PlainClients { commands, queries, .. } = clients;
        let name = order.to_owned();
        match self {
            Self::Get => {
                let get = GetOrderRequest { name, ..GetOrderRequest::default() };
                queries.get_order(within(timeout, get)).await.map(drop)
            }
            Self::Lookup => {
                let key = Some(Key::OrderNumber("O-1".to_owned()));
                let lookup = LookupOrderRequest { key, ..LookupOrderRequest::default() };
                match queries.lookup_order(within(timeout, lookup)).await {
                    Err(status) if status.code() == tonic::Code::NotFound => Ok(()),
                    answer => answer.map(drop),
                }
            }
            Self::List => queries.list_orders(within(timeout, ListOrdersRequest::default())).await.map(drop),
            Self::PageOfCustomer => {
                let filter = "customer_id = \"c-1\"".to_owned();
                let list = ListOrdersRequest { filter, ..ListOrdersRequest::default() };
                queries.list_orders(within(timeout, list)).await.map(drop)
            }
            Self::History => {
                let history = ListOrderHistoryRequest { name, page_size: 10, ..Default::default() };
                queries.list_order_history(within(timeout, history)).await.map(drop)
            }
            Self::Search => {
                let search = SearchOrdersRequest { query: "mug".to_owned(), ..Default::default() };
                queries.search_orders(within(timeout, search)).await.map(drop)
            }
            Self::Note => {
                let note = AddOrderNoteRequest {
                    name,
                    text: "hello".to_owned(),
                    visibility: NoteVisibility::Internal.into(),
                    ..AddOrderNoteRequest::default()
                };
                commands.add_order_note(within(timeout, note)).await.map(drop)
            }
            Self::Create => {
                let create = CreateOrderRequest { order: Some(cart()), ..CreateOrderRequest::default() };
                commands.create_order(within(timeout, create)).await.map(drop)
            }
        }
    }
}

fn within<T>(timeout: Option<Duration>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    request
}
