//! What shipping costs.

use crate::{Code, Money, Title};

/// A part of the shipping cost. It is due while any unit of the order is not cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingLine {
    /// How it is sent.
    pub method: Code,
    /// What it is called.
    pub title: Option<Title>,
    /// Its price, not negative.
    pub amount: Money,
    /// Tax on it, not negative.
    pub tax_amount: Money,
}
