//! The service: every rpc in one line, and the way they all go.

use command_application::{Commands, OrderRepository, Outcome, UseCase};
use orders_proto::{
    EncodedOrder,
    orders::v1 as proto,
    servers::{
        self,
        order_command_service_server::{OrderCommandService, OrderCommandServiceServer},
    },
};
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::{
    answer, authorization, decode,
    fields::{Checked, Fields, Path},
    request::{self, Mutation, Origin},
    status::status,
};

/// The largest request, in bytes.
const MAX_REQUEST: usize = 256 * 1024;

/// What most rpcs answer with.
type Answer = Result<Response<EncodedOrder>, Status>;

/// `orders.v1.OrderCommandService`, over the use cases.
#[derive(Clone)]
pub struct OrderCommandApi<R> {
    commands: Commands<R>,
}

impl<R: OrderRepository> OrderCommandApi<R> {
    /// In front of these commands.
    #[must_use]
    pub fn new(commands: Commands<R>) -> Self {
        Self { commands }
    }

    /// The service to add to a server.
    #[must_use]
    pub fn into_service(self) -> OrderCommandServiceServer<Self> {
        OrderCommandServiceServer::new(self).max_decoding_message_size(MAX_REQUEST)
    }

    /// Decodes a request, telling all that is wrong with it, and runs its command.
    pub(super) async fn run<M: Mutation, U: UseCase>(
        &self,
        origin: Origin,
        mut message: M,
        decode: impl FnOnce(&mut Fields, M) -> Checked<U>,
    ) -> Result<Outcome, Status> {
        let mut fields = Fields::default();
        let context = request::context(&mut fields, origin, &mut message);
        let command = decode(&mut fields, message);
        let (context, command) =
            fields.finish(context.and_then(|context| command.map(|command| (context, command))))?;
        self.commands.run(&command, &context).await.map_err(status)
    }

    /// The way of every rpc that answers with the order it changed.
    async fn order<M: Mutation, U: UseCase>(
        &self,
        request: Request<M>,
        decode: impl FnOnce(&mut Fields, M) -> Checked<U>,
    ) -> Answer {
        let origin = Origin::of(&request)?;
        let outcome = self.run(origin, request.into_inner(), decode).await?;
        let order = outcome.orders.first().map(answer::order).unwrap_or_default();
        Ok(answer::response(order, &outcome))
    }
}

#[async_trait]
impl<R: OrderRepository> OrderCommandService for OrderCommandApi<R> {
    async fn create_order(&self, request: Request<proto::CreateOrderRequest>) -> Answer {
        self.order(request, |fields, request| decode::create_order(fields, Path::Root, request)).await
    }

    async fn update_order(&self, request: Request<proto::UpdateOrderRequest>) -> Answer {
        self.order(request, decode::update_order).await
    }

    async fn amend_order(&self, request: Request<proto::AmendOrderRequest>) -> Answer {
        self.order(request, decode::amend_order).await
    }

    async fn place_order(&self, request: Request<proto::PlaceOrderRequest>) -> Answer {
        self.order(request, decode::place_order).await
    }

    async fn confirm_order(&self, request: Request<proto::ConfirmOrderRequest>) -> Answer {
        self.order(request, decode::confirm_order).await
    }

    async fn hold_order(&self, request: Request<proto::HoldOrderRequest>) -> Answer {
        self.order(request, decode::hold_order).await
    }

    async fn release_order(&self, request: Request<proto::ReleaseOrderRequest>) -> Answer {
        self.order(request, decode::release_order).await
    }

    async fn complete_order(&self, request: Request<proto::CompleteOrderRequest>) -> Answer {
        self.order(request, decode::complete_order).await
    }

    async fn cancel_order(&self, request: Request<proto::CancelOrderRequest>) -> Answer {
        self.order(request, decode::cancel_order).await
    }

    async fn add_order_note(&self, request: Request<proto::AddOrderNoteRequest>) -> Answer {
        self.order(request, decode::add_order_note).await
    }

    async fn create_shipment(&self, request: Request<proto::CreateShipmentRequest>) -> Answer {
        self.order(request, decode::create_shipment).await
    }

    async fn ship_shipment(&self, request: Request<proto::ShipShipmentRequest>) -> Answer {
        self.order(request, decode::ship_shipment).await
    }

    async fn deliver_shipment(&self, request: Request<proto::DeliverShipmentRequest>) -> Answer {
        self.order(request, decode::deliver_shipment).await
    }

    async fn fail_shipment(&self, request: Request<proto::FailShipmentRequest>) -> Answer {
        self.order(request, decode::fail_shipment).await
    }

    async fn cancel_shipment(&self, request: Request<proto::CancelShipmentRequest>) -> Answer {
        self.order(request, decode::cancel_shipment).await
    }

    async fn record_payment_transaction(
        &self,
        request: Request<proto::RecordPaymentTransactionRequest>,
    ) -> Answer {
        authorization::report(&request)?;
        self.order(request, decode::record_payment_transaction).await
    }

    async fn delete_order(
        &self,
        request: Request<proto::DeleteOrderRequest>,
    ) -> Result<Response<()>, Status> {
        let origin = Origin::of(&request)?;
        let outcome = self.run(origin, request.into_inner(), decode::delete_order).await?;
        Ok(answer::response((), &outcome))
    }

    async fn batch_create_orders(
        &self,
        request: Request<proto::BatchCreateOrdersRequest>,
    ) -> Result<Response<servers::BatchCreateOrdersResponse>, Status> {
        let origin = Origin::of(&request)?;
        let outcome = self.run(origin, request.into_inner(), decode::batch_create_orders).await?;
        let orders = outcome.orders.iter().map(answer::order).collect();
        Ok(answer::response(servers::BatchCreateOrdersResponse { orders }, &outcome))
    }

    async fn import_orders(
        &self,
        request: Request<Streaming<proto::ImportOrdersRequest>>,
    ) -> Result<Response<proto::ImportOrdersResponse>, Status> {
        let origin = Origin::of(&request)?;
        Ok(Response::new(self.import(&origin, request.into_inner()).await?))
    }
}
