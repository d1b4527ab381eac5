//! Every command on one order as one type, so that it can be sent, sent again, and given the fields that all have.

use orders_proto::orders::v1::{
    self as proto, Order, order_command_service_client::OrderCommandServiceClient,
};
use tonic::{Response, Status, transport::Channel};

/// A client of command-service.
pub type Client = OrderCommandServiceClient<Channel>;

/// The order that a command answers with; none if it deletes it.
trait Answer {
    fn order(self) -> Option<Order>;
}

impl Answer for Order {
    fn order(self) -> Option<Order> {
        Some(self)
    }
}

impl Answer for () {
    fn order(self) -> Option<Order> {
        None
    }
}

macro_rules! commands {
    ($($name:ident: $request:ident => $rpc:ident $(, $etag:ident)?;)*) => {
        /// A request of command-service.
        #[derive(Debug, Clone)]
        pub enum Command {
            $(
                #[doc = concat!("A [`proto::", stringify!($request), "`].")]
                $name(proto::$request),
            )*
        }

        impl Command {
            /// Sends it. Answers with the order; with none if it is deleted.
            ///
            /// # Errors
            /// The status that refuses it.
            pub async fn send(self, commands: &mut Client) -> Result<Response<Option<Order>>, Status> {
                match self {
                    $(Self::$name(request) => {
                        commands.$rpc(request).await.map(|answer| answer.map(Answer::order))
                    })*
                }
            }

            /// Its field.
            pub fn request_id(&mut self) -> &mut String {
                match self { $(Self::$name(request) => &mut request.request_id,)* }
            }

            /// Its field.
            pub fn validate_only(&mut self) -> &mut bool {
                match self { $(Self::$name(request) => &mut request.validate_only,)* }
            }

            /// What it does, as a word.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)* }
            }

            /// Its field; none if there is no order yet that could have one.
            pub fn etag(&mut self) -> Option<&mut String> {
                match self { $(Self::$name(_request) => commands!(@etag _request $($etag)?),)* }
            }
        }
    };
    (@etag $request:ident etag) => { Some(&mut $request.etag) };
    (@etag $request:ident) => { None };
}

commands! {
    Create: CreateOrderRequest => create_order;
    Update: UpdateOrderRequest => update_order, etag;
    Amend: AmendOrderRequest => amend_order, etag;
    Place: PlaceOrderRequest => place_order, etag;
    Confirm: ConfirmOrderRequest => confirm_order, etag;
    Hold: HoldOrderRequest => hold_order, etag;
    Release: ReleaseOrderRequest => release_order, etag;
    Complete: CompleteOrderRequest => complete_order, etag;
    Cancel: CancelOrderRequest => cancel_order, etag;
    Delete: DeleteOrderRequest => delete_order, etag;
    Note: AddOrderNoteRequest => add_order_note, etag;
    Pack: CreateShipmentRequest => create_shipment, etag;
    Ship: ShipShipmentRequest => ship_shipment, etag;
    Deliver: DeliverShipmentRequest => deliver_shipment, etag;
    Fail: FailShipmentRequest => fail_shipment, etag;
    Unpack: CancelShipmentRequest => cancel_shipment, etag;
    Pay: RecordPaymentTransactionRequest => record_payment_transaction, etag;
}
