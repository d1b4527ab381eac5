//! A shop's side of an order's life: what it sends to the services for each step.

use anyhow::{Context, Error, Result};
use orders_proto::orders::v1::{
    AddOrderNoteRequest, CancelReason, CompleteOrderRequest, ConfirmOrderRequest, CreateOrderRequest,
    HoldOrderRequest, LineUnits, ListOrdersRequest, NoteVisibility, Order, PlaceOrderRequest,
    ReleaseOrderRequest, order_command_service_client::OrderCommandServiceClient,
    order_query_service_client::OrderQueryServiceClient,
};
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};
use uuid::Uuid;

use super::journey::Step;

/// Sends one command, with a request id of its own, and counts it.
macro_rules! send {
    ($shop:ident . $rpc:ident, $request:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        $shop.sent += 1;
        let request_id = uuid::Uuid::new_v4().to_string();
        let request = $request { $($field $(: $value)?,)* request_id, ..Default::default() };
        $shop.commands.$rpc(request).await.map_err($crate::demo::shop::explained)?.into_inner()
    }};
}

mod goods;
mod money;

/// Both services, as a shop uses them.
pub(super) struct Shop {
    commands: OrderCommandServiceClient<Channel>,
    queries: OrderQueryServiceClient<Channel>,
    sent: u64,
}

impl Shop {
    /// Connects to both services.
    pub(super) async fn open(command_address: &str, query_address: &str) -> Result<Self> {
        let connect = async |address: &str| -> Result<Channel> {
            let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
            endpoint.connect().await.with_context(|| format!("cannot connect to {address}"))
        };
        Ok(Self {
            commands: OrderCommandServiceClient::new(connect(command_address).await?),
            queries: OrderQueryServiceClient::new(connect(query_address).await?),
            sent: 0,
        })
    }

    /// How many commands were sent so far.
    pub(super) fn commands_sent(&self) -> u64 {
        self.sent
    }

    /// Creates the order and takes it through `steps`.
    pub(super) async fn walk(&mut self, draft: Order, steps: &[Step]) -> Result<()> {
        let mut order = send!(self.create_order, CreateOrderRequest { order: Some(draft) });
        for step in steps {
            order = self.take(*step, order).await.with_context(|| format!("{step:?}"))?;
        }
        Ok(())
    }

    async fn take(&mut self, step: Step, order: Order) -> Result<Order> {
        let name = order.name.clone();
        Ok(match step {
            Step::Place => {
                let expected_total = order.totals.and_then(|totals| totals.total);
                send!(self.place_order, PlaceOrderRequest { name, expected_total })
            }
            Step::Confirm => send!(self.confirm_order, ConfirmOrderRequest { name }),
            Step::Hold(reason) => {
                send!(self.hold_order, HoldOrderRequest { name, reason: reason.to_owned() })
            }
            Step::Release => send!(self.release_order, ReleaseOrderRequest { name }),
            Step::Complete => send!(self.complete_order, CompleteOrderRequest { name }),
            Step::Note(text) => {
                let (text, visibility) = (text.to_owned(), NoteVisibility::Internal.into());
                send!(self.add_order_note, AddOrderNoteRequest { name, text, visibility })
            }
            Step::Cancel(reason, note) => self.cancel(name, reason, note, Vec::new()).await?,
            Step::CancelOneUnit => {
                let line_id = order.lines.last().context("an order without lines")?.line_id;
                let unit = LineUnits { line_id, quantity: 1 };
                self.cancel(name, CancelReason::OutOfStock, "One was broken", vec![unit]).await?
            }
            Step::Authorize => self.authorize(&order).await?,
            Step::Decline => self.decline(&order).await?,
            Step::Capture => self.capture(&order).await?,
            Step::Void => self.void(&order).await?,
            Step::Refund => self.refund(&order).await?,
            Step::PayAtTill => self.pay_at_till(&order).await?,
            Step::Pack => self.pack(name, goods::open_units(&order)).await?,
            Step::ShipAll => self.ship(name, goods::open_units(&order)).await?,
            Step::ShipOneUnit => self.ship(name, goods::one_open_unit(&order)).await?,
            Step::Deliver => self.deliver(order).await?,
            Step::Lose => self.lose(&order).await?,
        })
    }

    /// Reads the orders with that tag back, page by page.
    pub(super) async fn orders_tagged(&mut self, tag: &str) -> Result<Vec<Order>> {
        let filter = format!("tags:\"{tag}\"");
        let mut request =
            ListOrdersRequest { filter, order_by: "create_time".to_owned(), ..ListOrdersRequest::default() };
        let mut orders = Vec::new();
        loop {
            let page = self.queries.list_orders(request.clone()).await.map_err(explained)?.into_inner();
            orders.extend(page.orders);
            if page.next_page_token.is_empty() {
                return Ok(orders);
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// What a refusal says, without the parts of a status that are for programs.
fn explained(status: Status) -> Error {
    Error::msg(format!("{:?}: {}", status.code(), status.message()))
}

/// A reference such as a provider gives, with no twin.
fn new_reference(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::new_v4().simple())
}
