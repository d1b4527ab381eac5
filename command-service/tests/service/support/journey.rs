//! Orders brought to a point in their life, through real commands.

use orders_proto::orders::v1::{CompleteOrderRequest, HoldOrderRequest, Order};

use super::{Service, capture, confirm, create, draft, ok, place, ship, shipment};

impl Service {
    pub(crate) async fn created(&self, order: Order) -> Order {
        ok(self.client().create_order(create(order)).await)
    }

    /// A draft of two mugs and a tea, 33.00.
    pub(crate) async fn drafted(&self) -> Order {
        self.created(draft()).await
    }

    pub(crate) async fn placed(&self, order: Order) -> Order {
        let draft = self.created(order).await;
        ok(self.client().place_order(place(&draft)).await)
    }

    pub(crate) async fn confirmed(&self, order: Order) -> Order {
        let placed = self.placed(order).await;
        ok(self.client().confirm_order(confirm(&placed)).await)
    }

    pub(crate) async fn on_hold(&self, order: &Order, reason: &str) -> Order {
        let request = HoldOrderRequest {
            name: order.name.clone(),
            reason: reason.to_owned(),
            ..HoldOrderRequest::default()
        };
        ok(self.client().hold_order(request).await)
    }

    /// Confirmed, with all of the default draft's units in a pending shipment.
    pub(crate) async fn packed(&self) -> Order {
        let confirmed = self.confirmed(draft()).await;
        ok(self.client().create_shipment(shipment(&confirmed, &[(1, 2), (2, 1)])).await)
    }

    /// Confirmed, with all of the default draft's units on their way.
    pub(crate) async fn shipped(&self) -> Order {
        let packed = self.packed().await;
        ok(self.client().ship_shipment(ship(&packed, 1)).await)
    }

    /// Shipped, paid and completed.
    pub(crate) async fn completed(&self) -> Order {
        let shipped = self.shipped().await;
        let paid = ok(self.client().record_payment_transaction(capture(&shipped, "c-1", 33_00)).await);
        let request = CompleteOrderRequest { name: paid.name, ..CompleteOrderRequest::default() };
        ok(self.client().complete_order(request).await)
    }
}
