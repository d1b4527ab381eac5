//! Statements that find an order by a key. Each has one form, so that it stays prepared.

use diesel::{QueryResult, prelude::*};
use diesel_async::RunQueryDsl;
use query_application::LookupKey;
use shared_domain::TenantId;
use shared_infrastructure::database::Connection;

use super::{
    models::DetailsRow,
    views::{
        order_details as details, order_provider_references as references, order_tracking_numbers as numbers,
    },
};

/// The order of the tenant with this key; of several, the one created last.
pub(super) async fn lookup(
    connection: &mut Connection,
    tenant: &TenantId,
    key: &LookupKey,
) -> QueryResult<Option<DetailsRow>> {
    let tenant = tenant.as_str();
    let orders = details::table.filter(details::tenant_id.eq(tenant)).select(DetailsRow::as_select());
    let rows: Vec<_> = match key {
        LookupKey::OrderNumber(number) => {
            orders.filter(details::order_number.eq(number.as_str())).load(connection).await?
        }
        LookupKey::ExternalReference(reference) => {
            orders
                .filter(details::external_source.eq(reference.source.as_str()))
                .filter(details::external_id.eq(reference.id.as_str()))
                .load(connection)
                .await?
        }
        LookupKey::ProviderReference(provider, reference) => {
            let known = references::table
                .filter(references::tenant_id.eq(tenant))
                .filter(references::provider.eq(provider.as_str()))
                .filter(references::provider_reference.eq(reference.as_str()))
                .select(references::order_id);
            orders
                .filter(details::order_id.eq_any(known))
                .order((details::create_time.desc(), details::order_id.desc()))
                .limit(1)
                .load(connection)
                .await?
        }
        LookupKey::TrackingNumber(number) => {
            let shipped = numbers::table
                .filter(numbers::tenant_id.eq(tenant))
                .filter(numbers::tracking_number.eq(number.as_str()))
                .select(numbers::order_id);
            orders
                .filter(details::order_id.eq_any(shipped))
                .order((details::create_time.desc(), details::order_id.desc()))
                .limit(1)
                .load(connection)
                .await?
        }
    };
    Ok(rows.into_iter().next())
}
