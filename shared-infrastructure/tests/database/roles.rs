//! What the roles of `docs/database-roles.sql` may do, and that nothing more.

use diesel::{
    QueryResult,
    result::{DatabaseErrorKind, Error},
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use local_stack::{Role, TestDatabase, TestPostgres};
use shared_infrastructure::database::migrations;

#[derive(diesel::QueryableByName)]
struct Relation {
    #[diesel(sql_type = Text)]
    name: String,
    /// Any of its columns.
    #[diesel(sql_type = Text)]
    column: String,
    #[diesel(sql_type = Bool)]
    is_table: bool,
}

async fn migrated() -> TestDatabase {
    let migrate = async |url: String| migrations::run_pending(&url.parse()?).await.map(drop);
    let postgres = TestPostgres::shared().await.unwrap();
    postgres.template(migrate).await.unwrap().database().await.unwrap()
}

async fn connection(database: &TestDatabase, role: Role) -> AsyncPgConnection {
    let mut connection = AsyncPgConnection::establish(&database.url_of(role)).await.unwrap();
    // No setting stands in for a right.
    connection.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    connection
}

/// Tables and views.
async fn relations(database: &TestDatabase) -> Vec<Relation> {
    let query = diesel::sql_query(
        "SELECT c.relname::text AS name, min(a.attname::text) AS column, c.relkind = 'r' AS is_table
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity = ''
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') GROUP BY c.oid",
    );
    let all: Vec<Relation> = query.load(&mut connection(database, Role::Owner).await).await.unwrap();
    assert!(all.iter().filter(|relation| relation.is_table).count() > 10);
    all
}

/// The ways to write to it. They are only planned, which takes the right as well, and changes nothing.
fn writes(relation: &Relation) -> [String; 3] {
    let Relation { name, column, .. } = relation;
    [
        format!("EXPLAIN INSERT INTO {name} DEFAULT VALUES"),
        format!("EXPLAIN UPDATE {name} SET {column} = {column}"),
        format!("EXPLAIN DELETE FROM {name}"),
    ]
}

fn is_denied(result: &QueryResult<()>) -> bool {
    matches!(result, Err(Error::DatabaseError(DatabaseErrorKind::Unknown, problem))
        if problem.message().contains("permission denied") || problem.message().contains("must be owner"))
}

#[tokio::test]
async fn the_reader_reads_everything_and_writes_nothing() {
    let database = migrated().await;
    let mut reader = connection(&database, Role::Reader).await;
    for relation in relations(&database).await {
        let read = format!("SELECT * FROM {} LIMIT 1", relation.name);
        reader.batch_execute(&read).await.unwrap_or_else(|error| panic!("{read}: {error}"));
        for write in writes(&relation) {
            let refused = reader.batch_execute(&write).await;
            assert!(refused.is_err(), "{write}");
            assert!(!relation.is_table || is_denied(&refused), "{write}: {refused:?}");
        }
    }
    for other in [
        "TRUNCATE orders",
        "SELECT nextval('order_numbers')",
        "SELECT 1 FROM orders FOR UPDATE",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE orders ADD COLUMN mine int",
        "DROP VIEW order_details",
        "SET ROLE orders_writer",
    ] {
        let refused = reader.batch_execute(other).await;
        assert!(is_denied(&refused), "{other}: {refused:?}");
    }
}

#[tokio::test]
async fn the_writer_writes_rows_and_leaves_the_schema_alone() {
    let database = migrated().await;
    let mut writer = connection(&database, Role::Writer).await;
    for relation in relations(&database).await.iter().filter(|relation| relation.is_table) {
        for write in writes(relation) {
            writer.batch_execute(&write).await.unwrap_or_else(|error| panic!("{write}: {error}"));
        }
    }
    writer.batch_execute("SELECT nextval('order_numbers')").await.unwrap();
    for other in [
        "TRUNCATE orders",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE orders ADD COLUMN mine int",
        "CREATE INDEX ON orders (state)",
        "DROP VIEW order_details",
        "DROP TABLE order_history",
        "SET ROLE orders_owner",
    ] {
        let refused = writer.batch_execute(other).await;
        assert!(is_denied(&refused), "{other}: {refused:?}");
    }
}

#[tokio::test]
async fn what_later_migrations_make_is_granted_like_the_rest() {
    let database = migrated().await;
    let mut owner = connection(&database, Role::Owner).await;
    owner.batch_execute("CREATE TABLE later (id int GENERATED ALWAYS AS IDENTITY, note text)").await.unwrap();
    let insert = "INSERT INTO later (note) VALUES ('x')";
    connection(&database, Role::Writer).await.batch_execute(insert).await.unwrap();
    let mut reader = connection(&database, Role::Reader).await;
    reader.batch_execute("SELECT * FROM later").await.unwrap();
    assert!(is_denied(&reader.batch_execute(insert).await));
}

#[tokio::test]
async fn a_schema_that_somebody_else_made_is_taken_over() {
    // The roles are of the whole server: this makes them.
    migrated().await;
    let database = TestPostgres::shared().await.unwrap().empty_database().await.unwrap();
    migrations::run_pending(&database.url().parse().unwrap()).await.unwrap();
    let read = "SELECT * FROM orders";
    assert!(is_denied(&connection(&database, Role::Reader).await.batch_execute(read).await));
    for _ in 0..2 {
        TestPostgres::shared().await.unwrap().server().make_roles(database.name()).await.unwrap();
    }
    connection(&database, Role::Reader).await.batch_execute(read).await.unwrap();
    connection(&database, Role::Writer).await.batch_execute("DELETE FROM orders").await.unwrap();
    let change = "ALTER TABLE orders ADD COLUMN later int; ALTER SEQUENCE order_numbers INCREMENT 2";
    connection(&database, Role::Owner).await.batch_execute(change).await.unwrap();
    migrations::run_pending(&database.url_of(Role::Owner).parse().unwrap()).await.unwrap();
}
