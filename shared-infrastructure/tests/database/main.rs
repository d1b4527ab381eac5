//! The pool and the migrations on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faults;
mod migrating;
mod roles;
mod sessions;
mod stopping;

use std::time::Duration;

use clap::Parser;
use local_stack::{TestDatabase, TestPostgres};
use shared_infrastructure::{
    config::{DatabaseArgs, parse_from},
    database::{self, Access, Config, Pool},
};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    database: DatabaseArgs,
}

async fn empty_database() -> TestDatabase {
    TestPostgres::shared().await.unwrap().empty_database().await.unwrap()
}

fn config(database: &TestDatabase) -> Config {
    database.url().parse().unwrap()
}

/// A pool of two connections on `url`, which runs into its limits soon.
fn pool(url: &str, access: Access) -> Pool {
    let mut arguments: Arguments = parse_from(["test", "--database-url", url]).unwrap();
    arguments.database.database_pool_timeout = Duration::from_millis(100);
    arguments.database.database_statement_timeout = Duration::from_millis(300);
    database::connect(&arguments.database, 2, access, "a-test").unwrap()
}

/// A pool of one connection on `url`, which waits for it.
fn patient_pool(url: &str) -> Pool {
    let arguments: Arguments = parse_from(["test", "--database-url", url]).unwrap();
    database::connect(&arguments.database, 1, Access::ReadWrite, "a-test").unwrap()
}
