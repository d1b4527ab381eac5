//! What stands in the way of an order that is to be created.

use command_application::RepositoryError;
use diesel::{QueryResult, dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;
use shared_domain::{ExternalReference, OrderId, TenantId};
use shared_infrastructure::database::Connection;

use super::schema::{order_history as history, orders};

/// What of an order to be created is taken.
#[derive(Debug, Queryable)]
pub(super) struct Taken {
    id: bool,
    id_of_deleted: bool,
    external_reference: bool,
}

impl Taken {
    /// Looks for orders of the tenant that have the id, or had it, or have the external reference.
    ///
    /// # Errors
    /// Whatever the driver reports.
    pub(super) async fn look_up(
        connection: &mut Connection,
        tenant: &TenantId,
        order: OrderId,
        reference: Option<&ExternalReference>,
    ) -> QueryResult<Self> {
        let of_tenant = || orders::table.filter(orders::tenant_id.eq(tenant.as_str()));
        let id = of_tenant().filter(orders::order_id.eq(order.uuid()));
        let id_of_deleted = history::table
            .filter(history::tenant_id.eq(tenant.as_str()))
            .filter(history::order_id.eq(order.uuid()));
        let external_reference = of_tenant()
            .filter(orders::external_source.eq(reference.map(|reference| reference.source.as_str())))
            .filter(orders::external_id.eq(reference.map(|reference| reference.id.as_str())));
        let taken = diesel::select((exists(id), exists(id_of_deleted), exists(external_reference)));
        let mut rows: Vec<Self> = taken.load(connection).await?;
        rows.pop().ok_or(diesel::NotFound)
    }

    /// The error that a commit would end with.
    pub(super) fn verdict(&self, order: OrderId) -> Result<(), RepositoryError> {
        if self.id || self.id_of_deleted {
            return Err(RepositoryError::OrderExists(order));
        }
        if self.external_reference {
            return Err(RepositoryError::ExternalReferenceTaken);
        }
        Ok(())
    }
}
