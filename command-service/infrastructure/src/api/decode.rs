//! What a well-formed request is: from the messages of the contract to commands, noting every field that is wrong. Rules about
//! orders are not looked at here; they are the domain's.

mod batch;
mod changes;
mod commands;
mod details;
mod draft;
mod payment;
mod value;

pub(crate) use batch::batch_create_orders;
pub(crate) use changes::amend_order;
pub(crate) use commands::{
    add_order_note, cancel_order, cancel_shipment, complete_order, confirm_order, create_shipment,
    delete_order, deliver_shipment, fail_shipment, hold_order, place_order, release_order, ship_shipment,
};
pub(crate) use details::update_order;
pub(crate) use draft::create_order;
pub(crate) use payment::record_payment_transaction;
