//! Looking into the database past the repository.

use diesel::sql_types::{BigInt, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use shared_infrastructure::database::{Connection, Pool};

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(diesel::QueryableByName)]
struct PlanLine {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    plan: String,
}

/// The number that a query answers with, in its column `value`.
pub(crate) async fn number(pool: &Pool, query: &str) -> i64 {
    let mut connection = pool.get().await.unwrap();
    diesel::sql_query(query).get_result::<Number>(&mut connection).await.unwrap().value
}

/// How often the connection of a pool of one was sent a prepared statement that begins so.
pub(crate) async fn executions(pool: &Pool, beginning: &str) -> i64 {
    let query = format!(
        "SELECT coalesce(sum(generic_plans + custom_plans), 0)::bigint AS value FROM pg_prepared_statements \
         WHERE starts_with(statement, '{beginning}')"
    );
    number(pool, &query).await
}

/// The texts that a query answers with, in its column `value`.
pub(crate) async fn texts(connection: &mut Connection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(query).load(connection).await.unwrap();
    lines.into_iter().map(|line| line.value).collect()
}

/// The plan that an EXPLAIN answers with.
pub(crate) async fn explain(connection: &mut Connection, query: &str) -> String {
    let lines: Vec<PlanLine> = diesel::sql_query(query).load(connection).await.unwrap();
    lines.into_iter().map(|line| line.plan + "\n").collect()
}

/// Runs statements.
pub(crate) async fn run(pool: &Pool, statements: &str) {
    execute(&mut pool.get().await.unwrap(), statements).await;
}

/// Runs statements.
pub(crate) async fn execute(connection: &mut Connection, statements: &str) {
    connection.batch_execute(statements).await.unwrap();
}
