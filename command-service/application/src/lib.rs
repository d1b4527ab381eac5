//! The application layer of the command side: one file per use case, the Unit of Work they share, and the ports that
//! infrastructure implements. It knows the domain and nothing else: no driver, no framework, no wire format.

mod command_error;
mod commands;
mod event_publisher;
mod ports;
mod turns;
mod unit_of_work;

mod add_order_note;
mod amend_order;
mod batch_create_orders;
mod cancel_order;
mod cancel_shipment;
mod complete_order;
mod confirm_order;
mod create_order;
mod create_shipment;
mod delete_order;
mod deliver_shipment;
mod fail_shipment;
mod hold_order;
mod place_order;
mod record_payment_transaction;
mod release_order;
mod ship_shipment;
mod update_order;

pub use add_order_note::AddOrderNote;
pub use amend_order::AmendOrder;
pub use batch_create_orders::BatchCreateOrders;
pub use cancel_order::CancelOrder;
pub use cancel_shipment::CancelShipment;
pub use command_error::CommandError;
pub use commands::{Commands, UseCase};
pub use complete_order::CompleteOrder;
pub use confirm_order::ConfirmOrder;
pub use create_order::CreateOrder;
pub use create_shipment::CreateShipment;
pub use delete_order::DeleteOrder;
pub use deliver_shipment::DeliverShipment;
pub use event_publisher::{EventPublisher, OutgoingEvent, PublishError};
pub use fail_shipment::FailShipment;
pub use hold_order::HoldOrder;
pub use place_order::PlaceOrder;
pub use ports::{
    Answer, ChangeSet, Clock, Committed, IdGenerator, Loaded, OrderRepository, PublishedOrder,
    RepositoryError, RequestKey,
};
pub use record_payment_transaction::RecordPaymentTransaction;
pub use release_order::ReleaseOrder;
pub use ship_shipment::ShipShipment;
pub use unit_of_work::{CommandContext, Outcome, UnitOfWork};
pub use update_order::UpdateOrder;
