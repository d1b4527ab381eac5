//! The rows of the tables, each with both directions: from the domain, and back into it. What is stored is what the domain
//! says; nothing is decided here.

mod answer_model;
mod history_model;
mod order_adjustment_model;
mod order_line_model;
mod order_model;
mod order_totals_model;
mod party_model;
mod payment_model;
mod payment_transaction_model;
mod shipment_model;
mod stored;
mod stored_order;

pub(super) use answer_model::{AnswerRow, AnswerSql};
pub(super) use history_model::HistoryRow;
pub(super) use order_adjustment_model::OrderAdjustmentRow;
pub(super) use order_line_model::OrderLineRow;
pub(super) use order_model::{OrderRow, bigint};
pub(super) use order_totals_model::OrderTotalsRow;
pub(super) use payment_model::PaymentRow;
pub(super) use payment_transaction_model::PaymentTransactionRow;
pub(super) use shipment_model::ShipmentRow;
pub(super) use stored_order::StoredOrder;
