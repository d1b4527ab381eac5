//! How the pool's sessions are set up.

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use shared_infrastructure::database::{Access, Pool};

use crate::{empty_database, pool};

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

async fn setting(pool: &Pool, name: &str) -> String {
    let query = diesel::sql_query("SELECT current_setting($1) AS value").bind::<Text, _>(name);
    query.get_result::<Setting>(&mut pool.get().await.unwrap()).await.unwrap().value
}

#[tokio::test]
async fn nothing_can_hang() {
    let database = empty_database().await;
    let pool = pool(database.url(), Access::ReadWrite);
    for (name, value) in [
        ("application_name", "a-test"),
        ("statement_timeout", "300ms"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("client_connection_check_interval", "1s"),
        ("default_transaction_read_only", "off"),
        ("TimeZone", "UTC"),
    ] {
        assert_eq!(setting(&pool, name).await, value, "{name}");
    }
}

#[tokio::test]
async fn readers_cannot_write_and_the_url_has_the_last_word() {
    let database = empty_database().await;
    let separator = if database.url().contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}application_name=mine&options=-c%20lock_timeout%3D7s", database.url());
    let pool = pool(&url, Access::ReadOnly);
    assert_eq!(setting(&pool, "application_name").await, "mine");
    assert_eq!(setting(&pool, "lock_timeout").await, "7s");
    let write = diesel::sql_query("CREATE TABLE t (id int)").execute(&mut pool.get().await.unwrap()).await;
    assert!(write.unwrap_err().to_string().contains("read-only"));
}
