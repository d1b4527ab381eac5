//! Loading orders: keys in, aggregates out.

use command_application::Loaded;
use diesel::QueryResult;
use diesel_async::RunQueryDsl;
use shared_domain::{BrokenInvariant, OrderId, TenantId};
use shared_infrastructure::database::Connection;
use uuid::Uuid;

use super::{
    load_statement::{LoadStatement, LoadedRow},
    models::StoredOrder,
};

/// What one caller wants to load.
#[derive(Debug, Clone)]
pub(super) struct LoadKey {
    pub(super) tenant: TenantId,
    pub(super) order: OrderId,
    /// The request whose earlier answer is looked for.
    pub(super) request: Option<Uuid>,
}

/// Loads what each key asks for, as of one moment: one result per key, in their order. An order that breaks a rule is no error of the
/// others.
///
/// # Errors
/// Whatever the driver reports, also of a value of one order that makes no sense.
pub(super) async fn load_batch(
    connection: &mut Connection,
    keys: &[LoadKey],
) -> QueryResult<Vec<Result<Loaded, BrokenInvariant>>> {
    let mut statement = LoadStatement::default();
    for key in keys {
        statement.tenants.push(key.tenant.as_str().to_owned());
        statement.orders.push(key.order.uuid());
        statement.requests.push(key.request);
    }
    let mut rows: Vec<LoadedRow> = statement.load(connection).await?;
    rows.sort_unstable_by_key(|(member, ..)| *member);
    assert_eq!(rows.len(), keys.len(), "one row for each key");
    Ok(keys.iter().zip(rows).map(|(key, row)| restore(key.order, row)).collect())
}

fn restore(id: OrderId, row: LoadedRow) -> Result<Loaded, BrokenInvariant> {
    let (_, order, lines, adjustments, payments, transactions, shipments, answer) = row;
    let order = order.map(|order| StoredOrder {
        order,
        lines: lines.unwrap_or_default(),
        adjustments: adjustments.unwrap_or_default(),
        payments: payments.unwrap_or_default(),
        transactions: transactions.unwrap_or_default(),
        shipments: shipments.unwrap_or_default(),
    });
    Ok(Loaded {
        order: order.map(|stored| stored.restore(id)).transpose()?,
        answer: answer.map(TryInto::try_into).transpose()?,
    })
}
