//! BatchCreateOrders, all or nothing, and ImportOrders, each by itself.

mod atomic;
mod import;
