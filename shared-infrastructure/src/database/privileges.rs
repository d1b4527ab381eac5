//! What the role that a service logs in as may do.

use anyhow::Context;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::Pool;
use crate::{config::ConfigError, start::StartError};

#[derive(QueryableByName)]
struct Privilege {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    may_write: bool,
}

/// Makes sure that the role may write to `table`, so that a service with another one's login does not start only to fail every call.
///
/// # Errors
/// [`StartError::Config`] if it may not; [`StartError::Failed`] if that cannot be told.
pub async fn ensure_may_write(pool: &Pool, table: &str) -> Result<(), StartError> {
    let query =
        sql_query("SELECT current_user::text AS role, has_table_privilege($1, 'INSERT') AS may_write");
    let mut connection = pool.get().await.context("cannot connect to the database")?;
    let asked = query.bind::<Text, _>(table).get_result(&mut connection).await;
    let Privilege { role, may_write } = asked.context("cannot read what the database's role may do")?;
    if may_write {
        return Ok(());
    }
    let problem = format!(
        "the role `{role}` may not write to `{table}`; log in as one that may, such as `orders_writer`, which \
         docs/database-roles.sql makes"
    );
    Err(ConfigError::new("--database-url", problem).into())
}
