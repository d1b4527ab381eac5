//! Rows of `shipments`.

use diesel::sql_types::{Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz};
use serde::{Deserialize, Serialize};
use shared_domain::{
    CancelNote, Carrier, InvalidValue, LineId, LineUnits, Quantity, Shipment, ShipmentId, Timestamp,
    TrackingNumber,
};
use shared_infrastructure::wire::enums;

use super::stored::{Corrupt, Stored, filled, integer, optional, smallint, text};
use crate::persistence::{
    json::Json,
    row::{PartRow, row},
};

row! {
    /// A shipment of an order.
    ShipmentRow {
        shipment_id: Integer => i32,
        state: SmallInt => i16,
        items: Jsonb => Json<Vec<ItemJson>>,
        carrier: Text => String,
        tracking_number: Text => String,
        create_time: Timestamptz => Timestamp,
        ship_time: Nullable<Timestamptz> => Option<Timestamp>,
        deliver_time: Nullable<Timestamptz> => Option<Timestamp>,
        end_time: Nullable<Timestamptz> => Option<Timestamp>,
        failure_reason: Nullable<SmallInt> => Option<i16>,
        note: Text => String,
    }
}

/// Units of a line in a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::persistence) struct ItemJson {
    line_id: u32,
    quantity: u32,
}

impl PartRow for ShipmentRow {
    const TABLE: &'static str = "shipments";

    fn number(&self) -> i32 {
        self.shipment_id
    }
}

impl From<&Shipment> for ShipmentRow {
    fn from(shipment: &Shipment) -> Self {
        let item = |item: &LineUnits| ItemJson { line_id: item.line_id.0, quantity: item.quantity.units() };
        Self {
            shipment_id: integer(shipment.id.0),
            state: smallint(enums::shipment_state::number(shipment.state)),
            items: Json(shipment.items.iter().map(item).collect()),
            carrier: text!(shipment.carrier),
            tracking_number: text!(shipment.tracking_number),
            create_time: shipment.create_time,
            ship_time: shipment.ship_time,
            deliver_time: shipment.deliver_time,
            end_time: shipment.end_time,
            failure_reason: shipment.failure.map(enums::shipment_failure::number).map(smallint),
            note: text!(shipment.note),
        }
    }
}

impl ShipmentRow {
    /// The shipment.
    pub(super) fn restore(self) -> Result<Shipment, Corrupt> {
        let item = |item: ItemJson| -> Result<_, InvalidValue> {
            Ok(LineUnits { line_id: LineId(item.line_id), quantity: Quantity::new(item.quantity)? })
        };
        let items: Result<_, _> = self.items.0.into_iter().map(item).collect();
        let failure = |number: i16| enums::shipment_failure::from_number(number.into()).ok_or(());
        Ok(Shipment {
            id: ShipmentId(self.shipment_id.try_into().stored("shipments.shipment_id")?),
            state: enums::shipment_state::from_number(self.state.into()).stored("shipments.state")?,
            items: items.stored("shipments.items")?,
            carrier: filled(self.carrier, Carrier::new, "shipments.carrier")?,
            tracking_number: filled(self.tracking_number, TrackingNumber::new, "shipments.tracking_number")?,
            create_time: self.create_time,
            ship_time: self.ship_time,
            deliver_time: self.deliver_time,
            end_time: self.end_time,
            failure: optional(self.failure_reason, failure, "shipments.failure_reason")?,
            note: filled(self.note, CancelNote::new, "shipments.note")?,
        })
    }
}
