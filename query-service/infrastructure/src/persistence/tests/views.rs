//! Every column of every view, read as the type it is taken for.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use shared_domain::Timestamp;
use shared_infrastructure::database::TransactionId;
use uuid::Uuid;

use super::data::generated;
use crate::persistence::views::{
    order_details, order_history_entries, order_provider_references, order_skus, order_summaries,
    order_tracking_numbers,
};

type Text = Option<String>;
type Time = Option<Timestamp>;

/// The first row of a view, all columns of it.
macro_rules! first_row {
    ($connection:expr, $view:ident, $($column:ty),+ $(,)?) => {{
        let rows: Vec<($($column,)+)> = $view::table.limit(1).load($connection).await.unwrap();
        rows.into_iter().next().unwrap()
    }};
}

#[tokio::test]
async fn every_column_of_every_view_is_there_and_of_its_type() {
    let (_database, mut connection) = generated().await;
    let connection: &mut AsyncPgConnection = &mut connection;
    first_row!(
        connection,
        order_details,
        String,
        Uuid,
        i64,
        Text,
        Text,
        Text,
        Timestamp,
        Option<Vec<u8>>,
        TransactionId
    );
    first_row!(
        connection,
        order_summaries,
        String,
        Uuid,
        i64,
        Text,
        i16,
        i16,
        i16,
        Text,
        Time,
        Text,
        Text,
        Text,
        Text,
        Value,
        Value,
        String,
        i64,
        i64,
        Timestamp,
        Timestamp,
        Time,
        Time,
        Time,
        Time,
        Option<Vec<u8>>,
        Option<TransactionId>,
        Option<Vec<u8>>,
    );
    first_row!(
        connection,
        order_history_entries,
        String,
        Uuid,
        i64,
        Timestamp,
        i16,
        String,
        Option<Uuid>,
        Vec<u8>,
        Option<Vec<u8>>,
        TransactionId,
    );
    first_row!(connection, order_skus, String, Uuid, String);
    first_row!(connection, order_provider_references, String, String, String, Uuid);
    first_row!(connection, order_tracking_numbers, String, String, Uuid);
}

#[derive(QueryableByName)]
struct View {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    columns: i32,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    invoker: bool,
}

#[tokio::test]
async fn no_view_has_more_columns_or_runs_with_its_owners_rights() {
    let (_database, mut connection) = super::data::empty().await;
    let query = "SELECT relname::text AS name, relnatts::int AS columns,
            coalesce('security_invoker=true' = ANY (reloptions), false) AS invoker
        FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY relname";
    let views: Vec<View> = diesel::sql_query(query).load(&mut connection).await.unwrap();
    assert!(views.iter().all(|view| view.invoker));
    let columns: Vec<_> = views.iter().map(|view| (view.name.as_str(), view.columns)).collect();
    let expected = [
        ("active_projections", 7),
        ("order_details", 9),
        ("order_feed", 12),
        ("order_history_entries", 10),
        ("order_provider_references", 4),
        ("order_search_entries", 5),
        ("order_skus", 3),
        ("order_statistics", 10),
        ("order_summaries", 27),
        ("order_tracking_numbers", 3),
    ];
    assert_eq!(columns, expected);
}
