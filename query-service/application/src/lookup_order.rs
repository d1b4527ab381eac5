//! Finds one order by something other than its name.

use shared_domain::{ExternalReference, OrderNumber, Provider, ProviderReference, TrackingNumber};

use crate::{OrderDetails, OrderReadRepository, QueryError, ReadContext};

/// What to find an order by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupOrder {
    /// The key.
    pub key: LookupKey,
}

/// Something that an order is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupKey {
    /// Its number.
    OrderNumber(OrderNumber),
    /// Its id in another system.
    ExternalReference(ExternalReference),
    /// The id of one of its payments or their transactions at the provider.
    ProviderReference(Provider, ProviderReference),
    /// The tracking number of one of its shipments.
    TrackingNumber(TrackingNumber),
}

impl LookupKey {
    /// What kind of key it is, for people.
    fn kind(&self) -> &'static str {
        match self {
            Self::OrderNumber(_) => "order number",
            Self::ExternalReference(_) => "external reference",
            Self::ProviderReference(..) => "provider reference",
            Self::TrackingNumber(_) => "tracking number",
        }
    }
}

/// Answers [`LookupOrder`].
#[derive(Debug, Clone)]
pub struct LookupOrderHandler<R> {
    orders: R,
}

impl<R: OrderReadRepository> LookupOrderHandler<R> {
    /// Reads from `orders`.
    pub fn new(orders: R) -> Self {
        Self { orders }
    }

    /// The order with the key, as it is; the one created last if there are several.
    ///
    /// # Errors
    /// [`QueryError::NothingFound`] if there is none.
    pub async fn handle(
        &self,
        query: LookupOrder,
        context: &ReadContext,
    ) -> Result<OrderDetails, QueryError> {
        let found = self.orders.lookup(context, &query.key).await?;
        found.ok_or_else(|| QueryError::NothingFound(query.key.kind()))
    }
}
