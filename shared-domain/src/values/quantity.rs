//! Quantities: whole units of a line.

use super::{InvalidValue, LineId};

/// Some units: 1 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u32);

impl Quantity {
    /// The most units that a line can have.
    pub const MAX: u32 = 1_000_000;

    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidValue`] naming them.
    pub fn new(units: impl TryInto<u32>) -> Result<Self, InvalidValue> {
        match units.try_into() {
            Ok(units) if (1..=Self::MAX).contains(&units) => Ok(Self(units)),
            _ => Err(InvalidValue("must be 1 to 1000000".into())),
        }
    }

    /// The number of units.
    #[must_use]
    pub fn units(self) -> u32 {
        self.0
    }
}

/// Some units of one line, in a shipment or a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineUnits {
    /// The line.
    pub line_id: LineId,
    /// How many of its units.
    pub quantity: Quantity,
}
