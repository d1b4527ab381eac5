//! A line and its quantity ledger.

use crate::{LineId, Money, Quantity, Sku, Title};

/// One kind of goods or service in an order, and where its units are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the order.
    pub id: LineId,
    /// Stock keeping unit.
    pub sku: Sku,
    /// What it is called.
    pub title: Option<Title>,
    /// Whether its units have to be shipped.
    pub requires_shipping: bool,
    /// Price of one unit.
    pub unit_price: Money,
    /// Tax on all units ordered.
    pub tax_amount: Money,
    /// Units ordered, the cancelled ones included.
    pub ordered: u32,
    /// Units cancelled.
    pub cancelled: u32,
    /// Units in shipments that were not cancelled and did not fail.
    pub in_shipment: u32,
    /// Units that left.
    pub shipped: u32,
    /// Units that arrived.
    pub delivered: u32,
}

/// A line to be added to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// Stock keeping unit.
    pub sku: Sku,
    /// What it is called.
    pub title: Option<Title>,
    /// Whether its units have to be shipped.
    pub requires_shipping: bool,
    /// Units.
    pub quantity: Quantity,
    /// Price of one unit, not negative.
    pub unit_price: Money,
    /// Tax on all units, not negative; none if absent.
    pub tax_amount: Option<Money>,
}

impl Line {
    pub(crate) fn new(id: LineId, new: NewLine) -> Self {
        Self {
            id,
            sku: new.sku,
            title: new.title,
            requires_shipping: new.requires_shipping,
            tax_amount: new.tax_amount.unwrap_or(Money::zero(new.unit_price.currency())),
            unit_price: new.unit_price,
            ordered: new.quantity.units(),
            cancelled: 0,
            in_shipment: 0,
            shipped: 0,
            delivered: 0,
        }
    }

    /// Units that can still be shipped or cancelled.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.ordered - self.cancelled - self.in_shipment
    }

    /// Units that were not cancelled.
    #[must_use]
    pub fn live(&self) -> u32 {
        self.ordered - self.cancelled
    }

    /// Units that are still to be put into a shipment.
    #[must_use]
    pub fn awaiting_shipment(&self) -> u32 {
        if self.requires_shipping { self.open() } else { 0 }
    }

    /// Units that cannot be taken out of the order by amending it.
    #[must_use]
    pub fn committed(&self) -> u32 {
        self.cancelled + self.in_shipment
    }

    /// Unit price times the units that were not cancelled, in minor units.
    pub(crate) fn subtotal(&self) -> i128 {
        i128::from(self.unit_price.minor_units()) * i128::from(self.live())
    }

    /// The tax on the units that were not cancelled, in minor units. The shares of single units are whole minor units and add
    /// up to the tax; the last unit takes what remains.
    pub(crate) fn tax(&self) -> i128 {
        let tax = i128::from(self.tax_amount.minor_units());
        tax - tax * i128::from(self.cancelled) / i128::from(self.ordered)
    }
}
