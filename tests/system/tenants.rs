//! Promise R13: tenants are walls. Every rpc of both services is called by a stranger with whatever another tenant has that could be
//! named: orders, numbers, references, request ids, tokens. Nothing is told, and no row changes.

mod acme;
mod commands;
mod reads;
mod stranger;

use std::collections::BTreeSet;

use orders_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::DescriptorPool;
use tonic::{Request, metadata::MetadataValue};

use self::{acme::Acme, stranger::Stranger};
use crate::support::{Sql, System};

/// Stands in everything that the other tenant has, and in nothing that a stranger sends.
const SECRET: &str = "acme-secret";

/// A call for a tenant.
fn of_tenant<T>(tenant: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("x-tenant-id", MetadataValue::from_static(tenant));
    request
}

/// The rows of a tenant in all tables, as one number each.
async fn rows_of(sql: &Sql, tenant: &str) -> Vec<(String, i64)> {
    let tables = "SELECT table_name::text FROM information_schema.columns JOIN information_schema.tables
        USING (table_schema, table_name)
        WHERE column_name = 'tenant_id' AND table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1";
    let mut rows = vec![];
    for table in sql.rows(tables).await {
        let table: String = table.get(0);
        let hash = format!(
            "SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric % 1000000007), 0)::bigint
            FROM {table} t WHERE tenant_id = '{tenant}'"
        );
        let hash = sql.number(&hash).await;
        rows.push((table, hash));
    }
    rows
}

/// All rpcs of the contract.
fn rpcs() -> BTreeSet<String> {
    let contract = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let services = contract.services().filter(|service| service.package_name() == "orders.v1");
    services
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| format!("/{}/{}", method.parent_service().full_name(), method.name()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_sees_and_changes_nothing_of_another_tenant() {
    let system = System::start().await;
    let acme = Acme::settle(&system).await;
    let mut stranger = Stranger::arrive(&system).await;
    let sql = system.sql().await;
    let before = rows_of(&sql, "acme").await;
    assert!(before.iter().filter(|(_, hash)| *hash != 0).count() >= 8, "{before:?}");

    reads::all(&mut stranger, &acme).await;
    // Before the stranger has orders of the same names.
    reads::watch_from_a_token(&mut stranger, &acme).await;
    commands::on_orders(&mut stranger, &acme).await;
    commands::with_ids_that_are_taken(&mut stranger, &acme).await;
    assert_eq!(rows_of(&sql, "acme").await, before, "rows of the other tenant changed");

    assert_eq!(stranger.tried, rpcs(), "every rpc has to be tried: add the new one");
    reads::watch(&mut stranger, &acme).await;
    println!(
        "{} calls of {} rpcs: {} refused, {} answered with the stranger's own only, 0 rows changed",
        stranger.refused + stranger.answered,
        stranger.tried.len(),
        stranger.refused,
        stranger.answered
    );
}
